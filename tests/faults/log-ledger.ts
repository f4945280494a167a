import { expect } from 'vitest';
import type { State } from '../../src/contracts/state.js';
import { digestFromBytes } from '../../src/kernel/digest.js';
import { Fault } from '../../src/kernel/errors.js';
import { leafHash } from '../../src/kernel/merkle.js';
import { ok } from '../../src/kernel/result.js';
import type { LogEntry } from '../../src/log/entry.js';
import type { Log } from '../../src/log/log.js';
import { openLog } from '../../src/log/open-log.js';
import type { StoragePort } from '../../src/log/port.js';
import { readEntry, readEntryBytes } from '../../src/log/read-entry.js';
import { stateAt } from '../../src/log/state-at.js';
import { storedTiles } from '../../src/log/stored-tiles.js';
import { emptyFrontier, grow, rootOf } from '../../src/log/tlog/frontier.js';
import { contractPut, decision, genesis, outcome, signer } from '../unit/log/entries.js';

export type TestLog = Log<readonly string[]>;

const buildSnapshot = (state: State) => ok(state.contracts.map(({ id }) => id));

export async function openTestLog(
  storage: StoragePort,
  bounds: { readonly waitingAppends?: number } = {},
): Promise<TestLog> {
  const opened = await openLog({ storage, buildSnapshot, signer, batchEntries: 3, ...bounds }, genesis);
  if (!opened.ok) throw new Error(opened.error[0]?.message);
  return opened.value;
}

/** What clients were told: it has to be in the log for ever. */
export class Ledger {
  /** Index → name of an entry that was acknowledged there. */
  readonly acknowledged = new Map<number, string>();
  /** Faults that the client who appends that name was told of. */
  readonly told = new Map<string, number>();
  /** Size → root of every checkpoint that was seen. */
  readonly checkpoints = new Map<number, string>();

  see({ published: { size, root } }: TestLog): void {
    expect([undefined, root], `two roots of size ${size}`).toContain(this.checkpoints.get(size));
    this.checkpoints.set(size, root);
  }
}

/** Appends until it is acknowledged; `tries` bounds it, and what is thrown must be a fault that can be tried again. */
async function persist(
  ledger: Ledger,
  name: string,
  append: () => Promise<number | undefined>,
): Promise<void> {
  for (let tries = 0; tries < 12; tries += 1) {
    try {
      const index = await append();
      if (index === undefined) continue;
      ledger.acknowledged.set(index, name);
      return;
    } catch (cause) {
      if (!(cause instanceof Fault) || !cause.retryable) throw cause;
      ledger.told.set(name, (ledger.told.get(name) ?? 0) + 1);
    }
  }
  throw new Error(`${name} was never recorded`);
}

/** Opens the log and appends changes, decisions and outcomes, alone and together, as clients that try again until they are told it is done. */
export async function workload(storage: StoragePort, ledger: Ledger): Promise<void> {
  let log: TestLog | undefined;
  await persist(ledger, 'genesis', async () => {
    log = await openTestLog(storage);
    return 0;
  });
  const opened = log as TestLog;
  const see = <T>(value: T): T => {
    ledger.see(opened);
    return value;
  };
  const put = (id: string) =>
    persist(ledger, `put ${id}`, async () => {
      const appended = await opened.appendState(() => ok([contractPut(id)]));
      return see(appended.ok ? appended.value.from : undefined);
    });
  const decide = (id: string) =>
    persist(ledger, `decision ${id}`, async () => {
      const appended = await opened.appendDecision(decision(id, opened.view.folded.state.as_of));
      if (appended.kind === 'appended') return see(appended.index);
      // It may be there although its client was told of a fault, and it cannot be there twice.
      const index = await storage.readIndex(`decision/${id}`);
      return see(index === undefined ? undefined : Number(index));
    });
  const end = (service: string) =>
    persist(ledger, `outcome ${service}`, async () =>
      see((await opened.appendEvents([outcome(service, 'answered')])).index),
    );
  await put('a');
  await decide('d1');
  await Promise.all([decide('d2'), put('b'), decide('d3'), end('s1'), decide('d4'), put('c'), end('s2')]);
  await persist(ledger, 'read', async () => {
    await stateAt(storage, opened.view.folded.state.as_of);
    await opened.read(0);
    await opened.refresh();
    await storedTiles(storage, 3).readBundle({ index: 0, width: 3 });
    return 0;
  });
  ledger.acknowledged.set(0, 'genesis');
  await Promise.all([put('d'), decide('d5'), decide('d6')]);
}

/** A reader of its own finds: one consistent log, what was acknowledged in its place, no checkpoint contradicted, no double unannounced. */
export async function checkLedger(storage: StoragePort, ledger: Ledger): Promise<void> {
  const { size } = await openTestLog(storage);
  const names: string[] = [];
  let frontier = emptyFrontier;
  for (let index = 0; index < size; index += 1) {
    names.push(nameOf(await readEntry(storage, index)));
    frontier = grow(frontier, [leafHash(await readEntryBytes(storage, index))]).frontier;
    const seen = ledger.checkpoints.get(index + 1);
    if (seen !== undefined) expect(digestFromBytes(rootOf(frontier)), `root at ${index + 1}`).toBe(seen);
  }
  expect(Math.max(...ledger.checkpoints.keys())).toBeLessThanOrEqual(size);
  for (const [index, name] of ledger.acknowledged) expect(names[index], `index ${index}`).toBe(name);
  for (const name of new Set(names)) {
    const times = names.filter((other) => other === name).length;
    expect(times, `${name} in the log`).toBeLessThanOrEqual(1 + (ledger.told.get(name) ?? 0));
  }
  expect(await storage.readBlob(`entry/${String(size).padStart(16, '0')}`)).toBeUndefined();
}

function nameOf(entry: LogEntry): string {
  switch (entry.kind) {
    case 'contract.put':
      return `put ${entry.contract.id}`;
    case 'decision':
      return `decision ${entry.certificate.id}`;
    case 'outcome':
      return `outcome ${entry.service.service}`;
    default:
      return entry.kind;
  }
}
