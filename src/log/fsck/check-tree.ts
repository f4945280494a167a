import { leafHash } from '../../kernel/merkle.js';
import type { Blob, Head, StoragePort } from '../port.js';
import { headOf } from '../published.js';
import { leafKey, treeBlobs } from '../stored-tiles.js';
import { emptyFrontier, type Frontier, grow } from '../tlog/frontier.js';
import type { Rewrite, StoreFinding } from './finding.js';

/**
 * Holds entries, stored hashes and head against each other. Of three statements of one fact two may agree: when the entries hash to the head's root, hashes that
 * differ are wrong; when only the stored leaf hashes do, entries that differ are; else nobody can tell. Memory of the differences.
 */
export class TreeCheck {
  readonly #store: Pick<StoragePort, 'readBlob'>;
  /** Grown from the entries, and from the leaf hashes that are stored. The same until they differ. */
  #entries: Frontier = emptyFrontier;
  #leaves: Frontier = emptyFrontier;
  readonly #changed: number[] = [];
  readonly #ofEntries: Rewrite[] = [];
  readonly #ofLeaves: Rewrite[] = [];
  readonly #missing = new Set<string>();

  constructor(store: Pick<StoragePort, 'readBlob'>) {
    this.#store = store;
  }

  /** The next entry; `undefined` where it is missing. */
  async add(bytes: Uint8Array | undefined): Promise<void> {
    const index = this.#entries.size;
    const stored = await this.#store.readBlob(leafKey(index));
    const computed = bytes === undefined ? undefined : leafHash(bytes);
    const leaf = stored?.length === 32 ? stored : undefined;
    const [one, other] = [computed ?? leaf ?? new Uint8Array(32), leaf ?? computed ?? new Uint8Array(32)];
    const same = this.#entries === this.#leaves && Buffer.compare(one, other) === 0;
    if (Buffer.compare(one, other) !== 0) this.#changed.push(index);
    const grown = grow(this.#entries, [one]);
    const grownLeaves = same ? grown : grow(this.#leaves, [other]);
    await this.#compare(treeBlobs(grown), this.#ofEntries);
    if (!same) await this.#compare(treeBlobs(grownLeaves), this.#ofLeaves);
    this.#entries = grown.frontier;
    this.#leaves = grownLeaves.frontier;
  }

  async #compare(blobs: readonly Blob[], into: Rewrite[]): Promise<void> {
    for (const { key, bytes } of blobs) {
      const stored = await this.#store.readBlob(key);
      if (stored === undefined) this.#missing.add(key);
      if (stored === undefined || Buffer.compare(stored, bytes) !== 0)
        into.push({ kind: 'blob', key, bytes });
    }
  }

  /** After the last entry: what is wrong, and how hashes and tiles have to be where that is known. */
  result(head: Head): { readonly findings: readonly StoreFinding[]; readonly rewrites: readonly Rewrite[] } {
    const forked = this.#entries !== this.#leaves;
    if (headOf(this.#entries).root === head.root) return this.#wrongHashes(this.#ofEntries);
    if (forked && headOf(this.#leaves).root === head.root) {
      const { findings } = this.#wrongHashes(this.#ofLeaves);
      return { findings: [...this.#changed.map(entryChanged), ...findings], rewrites: [] };
    }
    const message = `the ${head.size} entries hash to ${headOf(this.#entries).root}, the head says ${head.root}`;
    return {
      findings: [{ code: 'root_wrong', subject: 'head', message }, ...this.#changed.map(entryChanged)],
      rewrites: [],
    };
  }

  #wrongHashes(rewrites: readonly Rewrite[]) {
    const findings = rewrites.map(({ key }): StoreFinding => {
      const what = key.startsWith('tile/') ? 'tile' : 'hash';
      return this.#missing.has(key)
        ? { code: `${what}_missing`, subject: key, message: `the ${what} is not there` }
        : { code: `${what}_wrong`, subject: key, message: `the ${what} is not that of the entries` };
    });
    return { findings, rewrites };
  }
}

function entryChanged(index: number): StoreFinding {
  return {
    code: 'entry_changed',
    subject: `entry ${index}`,
    message: 'its bytes are not those that were hashed when it was appended',
  };
}
