import type { Command } from 'commander';
import { parseCaller } from '../../contracts/parse-caller.js';
import { parseRequest } from '../../contracts/parse-request.js';
import { parseSalts } from '../../contracts/parse-salts.js';
import { canonicalText } from '../../kernel/canonical.js';
import { decide } from '../../orchestrator/decide.js';
import { explain } from '../../orchestrator/explain.js';
import { sealRequest } from '../../orchestrator/seal.js';
import { buildSnapshot } from '../../orchestrator/snapshot.js';
import { CommandFailure } from '../failure.js';
import { parseFile, writeText } from '../files.js';
import type { CommandIo } from '../io.js';
import { loadState, type StateFiles } from '../load-state.js';
import { stateOptions } from '../state-options.js';
import { parseTime } from '../time.js';

interface DecideOptions extends StateFiles {
  readonly request: string;
  readonly caller: string;
  readonly now: string;
  readonly seed?: string;
  readonly salts?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function addDecide(program: Command, io: CommandIo, exit: (code: number) => void): void {
  stateOptions(program.command('decide'))
    .description('Decide one request offline and write its certificate. Pure: same inputs, same bytes.')
    .requiredOption('--request <file>', 'the request: {"request": {…}, "payload": …} (JSON or YAML)')
    .requiredOption('--caller <file>', 'the caller as proved by a credential')
    .requiredOption('--now <time>', 'the time of the decision: RFC 3339, or microseconds since the epoch')
    .option('--seed <integer>', 'orders equal scores; default: the seed in the request')
    .option(
      '--salts <file>',
      'salts for commitments, {"payload": "<64 hex digits>", …}; without it none are made',
    )
    .option('--out <file>', 'write the certificate there instead of to standard output')
    .addHelpText('after', decideHelp)
    .action(async (options: DecideOptions) => exit(await runDecide(options, io)));
}

const decideHelp = `
Exit codes: 0 routed, 3 refused (the certificate is written all the same), 2 invalid input.

Example:
  caio decide --request request.json --caller caller.json --services configs/services \\
    --policies configs/policies --now 2026-03-01T12:00:00Z --seed 42 --out decision.json
  caio explain decision.json`;

async function runDecide(options: DecideOptions, io: CommandIo): Promise<number> {
  const document = await parseFile(options.request, 'Request', 'invalid_request', parseRequest);
  const caller = await parseFile(options.caller, 'Caller', 'invalid_caller', parseCaller);
  const salts =
    options.salts === undefined
      ? undefined
      : await parseFile(options.salts, 'Salts', 'invalid_request', parseSalts);
  const state = await loadState(options);
  const snapshot = buildSnapshot(state);
  if (!snapshot.ok) throw new CommandFailure('invalid_policy', 'The policies do not load.', snapshot.error);
  const sealed = sealRequest(document, caller, snapshot.value, salts);
  if (!sealed.ok) throw new CommandFailure('invalid_request', 'The request is invalid.', sealed.error);
  const decision = decide(
    {
      ...sealed.value,
      time: parseTime(options.now, '--now'),
      seed: seedOf(options.seed, document.seed),
      seedOrigin: 'caller',
    },
    snapshot.value,
  );
  if (!decision.ok) throw new CommandFailure('invalid_request', 'The request is invalid.', decision.error);
  const { certificate } = decision.value;
  const text = canonicalText(certificate);
  if (options.out === undefined) {
    io.out(`${text}\n`);
  } else {
    await writeText(options.out, `${text}\n`);
    io.out(
      options.json === true
        ? `${JSON.stringify({ file: options.out, id: certificate.id })}\n`
        : explain(certificate, { policies: state.policies }).text,
    );
  }
  return certificate.outcome.decision === 'routed' ? 0 : 3;
}

function seedOf(option: string | undefined, inRequest: number | undefined): number {
  if (option === undefined) {
    if (inRequest !== undefined) return inRequest;
    throw new CommandFailure('usage', 'There is no seed.', [], 'Give --seed, or "seed" in the request.');
  }
  const seed = Number(option);
  if (!/^\d+$/.test(option) || !Number.isSafeInteger(seed)) {
    throw new CommandFailure('usage', `--seed ${option} is not an integer from 0 to 2⁵³−1.`);
  }
  return seed;
}
