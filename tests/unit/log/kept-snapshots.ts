import { ok } from '../../../src/kernel/result.js';
import { parseVerifierKey } from '../../../src/kernel/verifier-key.js';
import { openLog } from '../../../src/log/open-log.js';
import type { StoragePort } from '../../../src/log/port.js';
import { snapshotFolder } from '../../../src/log/snapshot-keys.js';
import { blobsNamedBy, snapshotFault } from '../../../src/log/state-snapshot.js';
import type { Keepable } from '../../../src/log/write-snapshot.js';
import { contract, decision, genesis, policy, signer, verifierKey } from './entries.js';

const parsed = parseVerifierKey(verifierKey);
if (!parsed.ok) throw new Error('no key');
export const logKey = parsed.value;

export const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The log of `storage` grown to these sizes, one after the other; gives what could be kept at each. */
export async function grown(storage: StoragePort, sizes: readonly number[]): Promise<readonly Keepable[]> {
  const opened = await openLog({ storage, buildSnapshot: () => ok(undefined), signer }, genesis);
  if (!opened.ok) throw new Error('not opened');
  const log = opened.value;
  const found: Keepable[] = [];
  for (const size of sizes) {
    while (log.size < size) await log.appendDecision(decision(`d${log.size}`, 1));
    const { folded } = log.view;
    found.push({ folded, attempts: new Map(), latestDecision: -1, root: log.published.root });
  }
  return found;
}

/** The same with policies of this name: a part of their own, which another state with the name has too. No entries say so. */
export function shelved(keepable: Keepable, name: string): Keepable {
  const long = (id: string, n: number) => `${id}${String(n).padStart(600, '0')}`;
  // The part of the size of the log ends with them.
  const contracts = Array.from({ length: 5 }, (_, n) => contract(long('c', n)));
  const policies = Array.from({ length: 8 }, (_, n) => policy(long(name, n)));
  const state = { ...keepable.folded.state, contracts, policies };
  return { ...keepable, folded: { ...keepable.folded, state } };
}

/** What is kept in a store. */
export interface Kept {
  /** Sizes, ascending. */
  readonly sizes: readonly number[];
  readonly blobs: readonly string[];
  /** Blobs that no row names. */
  readonly unnamed: readonly string[];
  /** Why rows do not hold. */
  readonly faults: readonly string[];
}

export async function keptIn(storage: StoragePort): Promise<Kept> {
  const rows = await storage.scanIndex({ folder: snapshotFolder, limit: 10_000 });
  const blobs = await storage.scanDroppable('', 100_000);
  const named = new Set<string>();
  const faults: string[] = [];
  for (const row of rows) {
    const fault = await snapshotFault(storage, row, logKey);
    if (fault !== undefined) faults.push(`${row.key}: ${fault}`);
    for (const key of (await blobsNamedBy(storage, row, logKey)) ?? []) named.add(key);
  }
  return {
    sizes: rows.map(({ key }) => Number(key.slice(snapshotFolder.length))),
    blobs,
    unnamed: blobs.filter((key) => !named.has(key)),
    faults,
  };
}
