import { Defect } from '../../kernel/errors.js';
import type { Rewrite } from '../fsck/finding.js';

/** What every driver can keep under one name; the longest names of ours are near 350 characters. */
export const maxKeyLength = 1024;

/** A key of a blob or an index row: 1 to 1024 printable ASCII characters. Anything else is a Defect: keys are made from checked ids. */
export function checkKey(key: string): void {
  if (key.length > maxKeyLength || !/^[\x20-\x7e]+$/.test(key)) {
    throw new Defect('invariant_broken', 'a storage key that is not 1 to 1024 printable ASCII characters');
  }
}

/** The folder of a key: up to and with its last slash; empty when it has none. */
export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

/** The Defect of a batch that would write a blob again with other bytes. */
export function rewrites(key: string): Defect {
  return new Defect('invariant_broken', `the blob ${key} was written with other bytes before`);
}

/** Of the blobs only hashes and tiles are derived from others. Anything else is a Defect. */
export function refuseEntries(derived: readonly Rewrite[]): void {
  const entry = derived.find(({ kind, key }) => kind === 'blob' && !/^(hash|tile)\//.test(key));
  if (entry !== undefined) throw rewrites(entry.key);
}
