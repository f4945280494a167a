import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from 'commander';
import { keyAlgorithm, parseVerifierKey } from '../../kernel/verifier-key.js';
import { formatSigningKey, signingKeyOf, verifierKeyOf } from '../../proofs/signing-key.js';
import { CommandFailure } from '../failure.js';
import { writeText } from '../files.js';
import { type CommandIo, tell } from '../io.js';
import type { WitnessServeOptions } from '../run-witness.js';
import { refuseExisting } from './key.js';

interface InitOptions {
  readonly name: string;
  readonly log: readonly string[];
  readonly json?: boolean;
}

export function addWitness(program: Command, io: CommandIo): void {
  const witness = program
    .command('witness')
    .description(
      'A witness: cosigns the checkpoints of logs, each only as a continuation of the one before.',
    );
  witness
    .command('init <folder>')
    .description('Make a folder to run a witness from: its key (mode 0600) and witness.yaml.')
    .requiredOption('--name <name>', 'the name in every cosignature, such as witness.example')
    .requiredOption('--log <vkey...>', 'verifier keys of the logs it is for (caio key public prints one)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  caio witness init watch --name witness.example --log "$(caio key public signing.key)"\n  caio witness serve --config watch/witness.yaml',
    )
    .action((folder: string, options: InitOptions) => runInit(folder, options, io));
  witness
    .command('serve')
    .description(
      'Run the witness until it is interrupted. Writes one JSON line per submission to standard error.',
    )
    .option('--config <file>', 'the configuration', 'witness.yaml')
    .option('--port <port>', 'listen there instead; 0 takes a free port')
    .option('--json', 'say where it listens as JSON')
    .addHelpText('after', serveHelp)
    .action(async (options: WitnessServeOptions) => {
      const { runWitness } = await import('../run-witness.js');
      await runWitness(options, io);
    });
}

const serveHelp = `
Speaks C2SP tlog-witness: POST /add-checkpoint. What it cosigned last is on the disk before the cosignature leaves, so neither a
restart nor two submissions at once can make it cosign two histories of one log. It needs no credential of the log's operator
and should be run by somebody else, elsewhere; behind a proxy that speaks TLS when it is not on the same machine.`;

async function runInit(folder: string, options: InitOptions, io: CommandIo): Promise<void> {
  const [config, keyFile] = [join(folder, 'witness.yaml'), join(folder, 'witness.key')];
  for (const path of [config, keyFile]) await refuseExisting(path);
  for (const text of options.log) {
    const log = parseVerifierKey(text);
    if (log.ok && log.value.algorithm === keyAlgorithm.ed25519) continue;
    const problems = log.ok ? [] : [log.error];
    throw new CommandFailure('invalid_key', `--log ${text} is not the verifier key of a log.`, problems);
  }
  const key = signingKeyOf(options.name, randomBytes(32), keyAlgorithm.cosignature);
  if (!key.ok) throw new CommandFailure('usage', `--name ${options.name} is not a key name.`, [key.error]);
  await writeText(keyFile, `${formatSigningKey(key.value)}\n`, 0o600);
  await writeText(config, configurationText(options.log));
  const verifierKey = verifierKeyOf(key.value);
  const text = `made ${folder}\n  verifier key  ${verifierKey}\n                give it to the log's operator and to whoever verifies\n\nNext:\n  caio witness serve --config ${config}\n`;
  tell(io, options.json, { folder, configuration: config, verifier_key: verifierKey }, text);
}

function configurationText(logs: readonly string[]): string {
  return `# A witness of logs (C2SP tlog-witness). Paths are relative to this file.
listen:
  host: 127.0.0.1
  port: 8090
key: witness.key
folder: witness-data             # what it cosigned last: never lose or restore it
logs:                            # verifier keys; the name of each is the origin of its log
${logs.map((log) => `  - ${JSON.stringify(log)}\n`).join('')}`;
}
