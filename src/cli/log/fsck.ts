import { checkStore, type StoreCheck } from '../../log/fsck/check-store.js';
import { isRepairable, type StoreFinding } from '../../log/fsck/finding.js';
import { editionRow } from '../../log/snapshot-keys.js';
import { CommandFailure } from '../failure.js';
import { type CommandIo, paint, tell } from '../io.js';
import { progressOf } from '../progress.js';
import { type CheckedStore, type CheckedStoreOptions, checkedStore } from './checked-store.js';

export interface FsckOptions extends CheckedStoreOptions {
  readonly repair?: boolean;
  readonly json?: boolean;
}

/** Checks everything in a store; with `--repair` writes the derived parts anew and checks again. Exit code 0: nothing is wrong now. */
export async function fsck(options: FsckOptions, io: CommandIo): Promise<number> {
  const store = await checkedStore(options, io);
  let found = await check(store, io);
  let repaired = 0;
  if (options.repair === true && found.rewrites.length > 0) {
    repaired = await repair(store, found);
    found = await check(store, io);
  }
  const { head, findings, unused } = found;
  const listed = findings.map((each) => ({ ...each, repairable: isRepairable[each.code] }));
  tell(
    io,
    options.json,
    { ...store.named, ...head, repaired, findings: listed, ...(unused === undefined ? {} : { unused }) },
    textOf(store.place, found, repaired, io),
  );
  return findings.length === 0 ? 0 : 1;
}

async function check({ place, read }: CheckedStore, io: CommandIo): Promise<StoreCheck> {
  const store = await read();
  let progress: ReturnType<typeof progressOf> | undefined;
  try {
    return await checkStore(store, (done, of) => {
      progress ??= progressOf(io, `checking ${place}`, of);
      progress.at(done);
    });
  } finally {
    progress?.end();
    await store.close();
  }
}

async function repair(store: CheckedStore, { head, edition, rewrites }: StoreCheck): Promise<number> {
  const opened = await store.repair();
  try {
    if ((await opened.rewrite(head, rewrites, { key: editionRow, value: edition })) === 'written')
      return rewrites.length;
    throw new CommandFailure(
      'storage_failed',
      `The log in ${store.place} grew while it was checked; nothing was written.`,
      [],
      'Stop the servers that write to it first.',
    );
  } finally {
    await opened.close();
  }
}

function textOf(
  place: string,
  { head, findings, unused }: StoreCheck,
  repaired: number,
  io: CommandIo,
): string {
  const lines = findings.map((each) => `${paint(io, 'red', each.code)} ${each.subject}: ${each.message}`);
  if (repaired > 0) lines.push(`${repaired} derived blobs and rows were written anew`);
  if (unused !== undefined && unused.blobs > 0) {
    const what = `${unused.blobs} parts of state snapshots that none names (${unused.bytes} bytes)`;
    lines.push(`${what}: the next snapshot drops them, and so does --repair`);
  }
  const size = head === undefined ? '' : ` (${head.size} entries, root ${head.root})`;
  lines.push(
    findings.length === 0
      ? `${place} is sound${size}`
      : `${place} is NOT sound${size}: ${adviceFor(findings)}`,
  );
  return `${lines.join('\n')}\n`;
}

function adviceFor(findings: readonly StoreFinding[]): string {
  if (findings.every(({ code }) => isRepairable[code]))
    return 'all of it can be derived again: --repair, with the servers stopped';
  const lost = findings.some(
    ({ code }) =>
      code.startsWith('entry_') || ['root_wrong', 'head_unreadable', 'store_malformed'].includes(code),
  );
  if (lost)
    return 'what was recorded is damaged; put a copy of the store back, or of the tiles, and keep this one';
  return 'there is more in it than the log';
}
