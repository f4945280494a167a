import { lmdbRepair } from '../../log/drivers/lmdb.js';
import { lmdbReading } from '../../log/drivers/lmdb-reading.js';
import { checkStore, type StoreCheck } from '../../log/fsck/check-store.js';
import { isRepairable, type StoreFinding } from '../../log/fsck/finding.js';
import { readConfiguration } from '../configuration.js';
import { CommandFailure } from '../failure.js';
import { type CommandIo, paint, tell } from '../io.js';
import { progressOf } from '../progress.js';

export interface FsckOptions {
  readonly log?: string;
  readonly config?: string;
  readonly repair?: boolean;
  readonly json?: boolean;
}

/** Checks everything in an LMDB folder; with `--repair` writes the derived parts anew and checks again. Exit code 0: nothing is wrong now. */
export async function fsck(options: FsckOptions, io: CommandIo): Promise<number> {
  const folder = await folderOf(options, io);
  let found = await check(folder, io);
  let repaired = 0;
  if (options.repair === true && found.rewrites.length > 0) {
    repaired = await repair(folder, found);
    found = await check(folder, io);
  }
  const { head, findings } = found;
  const listed = findings.map((each) => ({ ...each, repairable: isRepairable[each.code] }));
  tell(
    io,
    options.json,
    { folder, ...head, repaired, findings: listed },
    textOf(folder, found, repaired, io),
  );
  return findings.length === 0 ? 0 : 1;
}

async function folderOf({ log, config }: FsckOptions, io: CommandIo): Promise<string> {
  if ((log === undefined) === (config === undefined)) {
    throw new CommandFailure('usage', 'Name the folder: --log FOLDER, or --config FILE.');
  }
  if (log !== undefined) return log;
  const { storage } = await readConfiguration(config as string, io.env);
  if (storage.driver === 'lmdb') return storage.folder;
  throw new CommandFailure(
    'usage',
    `The log of ${config} is in ${storage.driver}: there is no folder to check.`,
  );
}

async function check(folder: string, io: CommandIo): Promise<StoreCheck> {
  const store = await lmdbReading(folder);
  let progress: ReturnType<typeof progressOf> | undefined;
  try {
    return await checkStore(store, (done, of) => {
      progress ??= progressOf(io, `checking ${folder}`, of);
      progress.at(done);
    });
  } finally {
    progress?.end();
    await store.close();
  }
}

async function repair(folder: string, { head, rewrites }: StoreCheck): Promise<number> {
  const store = await lmdbRepair(folder);
  try {
    const now = await store.readHead();
    if (now?.root !== head?.root) {
      throw new CommandFailure(
        'storage_failed',
        `The log in ${folder} grew while it was checked.`,
        [],
        'Stop the server that writes to it first.',
      );
    }
    await store.rewrite(rewrites);
    return rewrites.length;
  } finally {
    await store.close();
  }
}

function textOf(folder: string, { head, findings }: StoreCheck, repaired: number, io: CommandIo): string {
  const lines = findings.map((each) => `${paint(io, 'red', each.code)} ${each.subject}: ${each.message}`);
  if (repaired > 0) lines.push(`${repaired} derived blobs and rows were written anew`);
  const size = head === undefined ? '' : ` (${head.size} entries, root ${head.root})`;
  lines.push(
    findings.length === 0
      ? `${folder} is sound${size}`
      : `${folder} is NOT sound${size}: ${adviceFor(findings)}`,
  );
  return `${lines.join('\n')}\n`;
}

function adviceFor(findings: readonly StoreFinding[]): string {
  if (findings.every(({ code }) => isRepairable[code]))
    return 'all of it can be derived again: --repair, with the server stopped';
  if (
    findings.some(
      ({ code }) => code.startsWith('entry_') || code === 'root_wrong' || code === 'head_unreadable',
    )
  ) {
    return 'what was recorded is damaged; put a copy of the folder back, or of the tiles, and keep this one';
  }
  return 'there is more in it than the log';
}
