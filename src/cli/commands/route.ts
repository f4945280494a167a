import type { Command } from 'commander';
import { readDocument } from '../../contracts/document.js';
import type { WireRequestDocument } from '../../contracts/wire.js';
import { canonicalText } from '../../kernel/canonical.js';
import { explain } from '../../orchestrator/explain.js';
import { type ClientOptions, clientOf, clientOptions, failureOfServer } from '../client-options.js';
import { CommandFailure } from '../failure.js';
import { readText, writeText } from '../files.js';
import type { CommandIo } from '../io.js';

interface RouteOptions extends ClientOptions {
  readonly request: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function addRoute(program: Command, io: CommandIo, exit: (code: number) => void): void {
  clientOptions(program.command('route'))
    .description(
      'Ask a running CAIO which service may and should serve a request. Decides and logs; calls no service.',
    )
    .requiredOption('--request <file>', 'the request: {"request": {…}, "payload": …} (JSON or YAML)')
    .option('--out <file>', 'write the bundle for level 3 there, for caio verify')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExit codes: 0 routed, 3 refused. To decide without a server: caio decide.')
    .action(async (options: RouteOptions) => exit(await runRoute(options, io)));
}

async function runRoute(options: RouteOptions, io: CommandIo): Promise<number> {
  const document = readDocument(
    await readText(options.request, 'Request'),
    options.request.endsWith('.json') ? 'json' : 'yaml',
  );
  if (!document.ok)
    throw new CommandFailure('invalid_request', `${options.request} cannot be read.`, document.error);
  const client = await clientOf(options, io);
  try {
    const decided = await client.route(document.value.value as unknown as WireRequestDocument);
    if (options.out !== undefined) await writeText(options.out, await client.bundle(decided.decision_id, 3));
    io.out(options.json === true ? `${canonicalText(decided)}\n` : explain(decided.certificate).text);
    return decided.certificate.outcome.decision === 'routed' ? 0 : 3;
  } catch (error) {
    throw failureOfServer(error);
  }
}
