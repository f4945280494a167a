import type { Command } from 'commander';
import type { CommandIo } from '../io.js';
import { showEntry } from '../log/entry.js';
import { exportLog } from '../log/export.js';
import { type FsckOptions, fsck } from '../log/fsck.js';
import { showHead } from '../log/head.js';
import { prove } from '../log/prove.js';
import { showStatus } from '../log/status.js';
import type { LogSource } from '../log-source/log-source.js';
import { openSource, type SourceOptions, sourceHelp, sourceOptions } from '../log-source/open-source.js';

const keyOption = [
  '--key <vkey>',
  'verifier key of the log, name+hash+base64, or a file that holds it; default: the one that the log names itself',
] as const;
const jsonOption = ['--json', 'print JSON'] as const;

export function addLog(program: Command, io: CommandIo, exit: (code: number) => void): void {
  const log = program
    .command('log')
    .description('Read the audit log: what it is, its entries, proofs, a copy of it.');
  const command = (name: string, description: string, help: string): Command =>
    sourceOptions(log.command(name))
      .description(description)
      .option(...jsonOption)
      .addHelpText('after', `${sourceHelp}\n\n${help}`);
  const reading = async <O extends SourceOptions>(options: O, read: (source: LogSource) => Promise<void>) => {
    const source = await openSource(options, io);
    await read(source).finally(() => source.close());
  };

  command(
    'status',
    'Say what the log is: size, root, key, age, how many entries of each kind, digests of its state.',
    statusHelp,
  ).action((options) => reading(options, (source) => showStatus(source, options.json, io)));
  command('head', 'Print the latest checkpoint, its signature verified.', headHelp)
    .option(...keyOption)
    .action((options) => reading(options, (source) => showHead(source, options, io)));
  command(
    'entry <index>',
    'Print an entry, shown to stand where it does under the root of the log.',
    entryHelp,
  )
    .option(...keyOption)
    .option('--proof', 'with its tlog-proof under the signed checkpoint')
    .action((index, options) => reading(options, (source) => showEntry(source, index, options, io)));
  command('prove [index]', 'Prove that an entry is in the log, or that the log only grew.', proveHelp)
    .option('--size <n>', 'under the checkpoint of that size; default: the latest')
    .option('--checkpoint <file>', 'under this checkpoint, which somebody kept')
    .option('--from <n>', 'prove that the log of n entries is the beginning of a later one')
    .option('--to <n>', 'with --from: of the log of n entries; default: the latest')
    .option(...keyOption)
    .option('--out <file>', 'write the proof there')
    .action((index, options) => reading(options, (source) => prove(source, index, options, io)));
  command(
    'export <folder>',
    'Write the log as a folder of tiles (C2SP tlog-tiles) that other tools read.',
    exportHelp,
  )
    .option('--from <n>', 'leave out bundles whose entries are all below n')
    .option('--to <n>', 'leave out bundles whose entries are all at n or above')
    .option(...keyOption)
    .action((folder, options) => reading(options, (source) => exportLog(source, folder, options, io)));
  log
    .command('fsck')
    .description(
      'Check everything in the store of a log: entries, hashes, tiles, rows of the projection, stray blobs.',
    )
    .option('--log <folder>', 'an LMDB folder')
    .option(
      '--postgres <reference>',
      'a PostgreSQL database; its URL stands in the environment (env:NAME) or in a file (file:PATH)',
    )
    .option('--config <file>', 'the folder or database that this caio.yaml names')
    .option(
      '--repair',
      'write hashes, tiles and rows anew from the entries, drop unused parts of snapshots; stop the servers first',
    )
    .option(...jsonOption)
    .addHelpText('after', fsckHelp)
    .action(async (options: FsckOptions) => exit(await fsck(options, io)));
}

const statusHelp = `Reads every entry; of 100,000 entries some seconds from a folder, longer from a server.

Examples:
  caio log status --log data
  caio log status --postgres env:DATABASE_URL`;

const headHelp = `What is printed is the signed note itself (C2SP tlog-checkpoint): keep it, and the log can never again be shown without what it covers.

Example:
  caio log head --server http://127.0.0.1:8080 --key verifier.key > checkpoint`;

const entryHelp = `Costs a bundle of entries and a tile a level.

Example:
  caio log entry 0 --log data`;

const proveHelp = `An entry's proof is a C2SP tlog-proof. A proof of growth is what a witness takes: the old size, the hashes, the checkpoint (C2SP
tlog-witness); with --json, the hashes and both roots. Each proof is verified before it is printed.

Examples:
  caio log prove 17 --config caio.yaml --out entry-17.tlog-proof
  caio log prove 17 --server http://127.0.0.1:8080 --checkpoint kept-checkpoint
  caio log prove --from 100 --to 200 --config caio.yaml`;

const exportHelp = `The folder gets checkpoint, tile/<level>/… and tile/entries/…. Files never change: begun again, it goes on where it ended, and
a file that says something else than the log is an error, never written over. --from and --to choose bundles of entries; tiles and
checkpoint are always those of the whole log, so that every proof can be made from the folder.

Example:
  caio log export copy --config caio.yaml`;

const fsckHelp = `
A changed bit in any entry, hash, tile or row is found; damage to LMDB's own pages may end the command instead. Without --repair nothing is written, and servers
may have the store open. A database is read in one transaction: while it lasts, PostgreSQL keeps what is deleted meanwhile, keys of erased openings too.
Entries are never written: where one is damaged, --repair does nothing. A folder is repaired when no server has it open; a database when no entry was appended since it was
checked, by a role that owns its tables. Exit codes: 0 sound, 1 not, 4 it could not be read.

Examples:
  caio log fsck --log data
  caio log fsck --postgres env:DATABASE_URL
  caio log fsck --config caio.yaml --repair`;
