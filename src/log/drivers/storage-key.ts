import { Defect } from '../../kernel/errors.js';
import type { Rewrite } from '../fsck/finding.js';
import { type Batch, droppableFolder } from '../port.js';

/** What every driver can keep under one name; the longest names of ours are near 350 characters. */
export const maxKeyLength = 1024;

/** A key of a blob or an index row: 1 to 1024 printable ASCII characters. Anything else is a Defect: keys are made from checked ids. */
export function checkKey(key: string): void {
  if (key.length > maxKeyLength || !/^[\x20-\x7e]+$/.test(key)) {
    throw new Defect('invariant_broken', 'a storage key that is not 1 to 1024 printable ASCII characters');
  }
}

/** Whether a blob or row of this key may be dropped. */
export const isDroppable = (key: string): boolean => key.startsWith(droppableFolder);

/** What can be said of a batch before the store is looked at: its keys can be stored, and nothing is dropped that is not below `snapshot/`. */
export function checkBatch({ blobs, index, drop }: Batch): void {
  for (const { key } of [...blobs, ...index]) checkKey(key);
  if (drop === undefined) return;
  const written = { blobs: new Set(blobs.map(({ key }) => key)), rows: new Set(index.map(({ key }) => key)) };
  for (const kind of ['blobs', 'rows'] as const) {
    for (const key of drop[kind]) {
      checkKey(key);
      if (!isDroppable(key) || written[kind].has(key)) throw undroppable(key);
    }
  }
}

function undroppable(key: string): Defect {
  return new Defect(
    'invariant_broken',
    `${key} cannot be dropped: it is not below ${droppableFolder}, or written too`,
  );
}

/** The folder of a key: up to and with its last slash; empty when it has none. */
export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

/** The Defect of a batch that would write a blob again with other bytes. */
export function rewrites(key: string): Defect {
  return new Defect('invariant_broken', `the blob ${key} was written with other bytes before`);
}

/** Of the blobs only hashes and tiles are derived from others, and parts of snapshots may go. Anything else is a Defect. */
export function refuseEntries(derived: readonly Rewrite[]): void {
  const entry = derived.find((each) => !mayBeRewritten(each));
  if (entry !== undefined) throw rewrites(entry.key);
}

function mayBeRewritten(rewrite: Rewrite): boolean {
  if (rewrite.kind === 'row') return true;
  return rewrite.bytes === undefined ? isDroppable(rewrite.key) : /^(hash|tile)\//.test(rewrite.key);
}
