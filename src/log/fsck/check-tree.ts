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
  readonly #store: Pick<StoragePort, 'readBlobs'>;
  /** Grown from the entries, and from the leaf hashes that are stored. The same until they differ. */
  #entries: Frontier = emptyFrontier;
  #leaves: Frontier = emptyFrontier;
  readonly #changed: number[] = [];
  readonly #ofEntries: Rewrite[] = [];
  readonly #ofLeaves: Rewrite[] = [];
  readonly #missing = new Set<string>();

  constructor(store: Pick<StoragePort, 'readBlobs'>) {
    this.#store = store;
  }

  /** The next entries; `undefined` where one is missing. */
  async add(entries: readonly (Uint8Array | undefined)[]): Promise<void> {
    const from = this.#entries.size;
    const stored = await this.#store.readBlobs(entries.map((_, i) => leafKey(from + i)));
    const [computed, kept]: [Uint8Array[], Uint8Array[]] = [[], []];
    const changed = this.#changed.length;
    for (const [i, bytes] of entries.entries()) {
      const hashed = bytes === undefined ? undefined : leafHash(bytes);
      const leaf = stored[i]?.length === 32 ? stored[i] : undefined;
      const one = hashed ?? leaf ?? new Uint8Array(32);
      const other = leaf ?? one;
      if (Buffer.compare(one, other) !== 0) this.#changed.push(from + i);
      computed.push(one);
      kept.push(other);
    }
    const same = this.#entries === this.#leaves && this.#changed.length === changed;
    const grown = grow(this.#entries, computed);
    const grownLeaves = same ? grown : grow(this.#leaves, kept);
    await this.#compare(treeBlobs(grown), this.#ofEntries);
    if (!same) await this.#compare(treeBlobs(grownLeaves), this.#ofLeaves);
    this.#entries = grown.frontier;
    this.#leaves = grownLeaves.frontier;
  }

  async #compare(blobs: readonly Blob[], into: Rewrite[]): Promise<void> {
    const found = await this.#store.readBlobs(blobs.map(({ key }) => key));
    for (const [i, { key, bytes }] of blobs.entries()) {
      const stored = found[i];
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
