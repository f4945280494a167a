import type { Command } from 'commander';
import type { CommandIo } from '../io.js';
import type { ServeOptions } from '../run-serve.js';

export function addServe(program: Command, io: CommandIo): void {
  program
    .command('serve')
    .description(
      'Run CAIO until it is interrupted. Writes one JSON line per request to standard error, never a secret.',
    )
    .option('--config <file>', 'the configuration', 'caio.yaml')
    .option('--port <port>', 'listen there instead; 0 takes a free port')
    .option('--json', 'say where it listens, and that it stops, as JSON')
    .addHelpText('after', serveHelp)
    .action(async (options: ServeOptions) => {
      const { runServe } = await import('../run-serve.js');
      await runServe(options, io);
    });
}

const serveHelp = `
The log is kept where the configuration's storage says: in a folder (driver lmdb, as caio init sets it up), in a
PostgreSQL database, which several servers may share (driver postgres; CAIO_DATABASE_URL overrides), or in memory, which forgets
everything at the end. State is what the log says: a start reads all of it, checks it against its own root, and refuses one that was
changed, or a folder that another process has open. Services, policies, parameters and API keys of the configuration are what a
new log begins with; later differences are named and ignored: change them over the API.

The last published checkpoint is kept beside the log's folder (checkpoint), and the witnesses of the configuration are asked what they have cosigned:
a log that does not go on from either is refused (log_discontinued). docs/operations/checkpoints-and-witnesses.md says what to do then.

While the log cannot be written, requests that need it are answered 503 with Retry-After, and so is /ready, until it can.

SIGINT or SIGTERM: takes no more requests, lets those under way finish, then ends. A second one ends at once.`;
