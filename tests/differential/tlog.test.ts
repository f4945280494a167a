import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVerifierKey } from '../../src/kernel/verifier-key.js';
import { parseCheckpoint, signCheckpoint, verifyCheckpoint } from '../../src/log/tlog/checkpoint.js';
import { proveConsistency, verifyConsistency } from '../../src/log/tlog/consistency.js';
import { formatBundle } from '../../src/log/tlog/entry-bundle.js';
import { proveInclusion, verifyInclusion } from '../../src/log/tlog/inclusion.js';
import { parseNote } from '../../src/log/tlog/note.js';
import { tileAt, tilesOf } from '../../src/log/tlog/tile.js';
import { parseTilePath, tilePath } from '../../src/log/tlog/tile-path.js';
import { formatTlogProof, parseTlogProof } from '../../src/log/tlog/tlog-proof.js';
import { treeRoot } from '../../src/log/tlog/tree-root.js';
import { signingKeyOf, verifierKeyOf } from '../../src/proofs/signing-key.js';
import * as checkpoints from '../../src/verifier/log-checkpoint.js';
import { LogFalsehood } from '../../src/verifier/log-falsehood.js';
import * as notes from '../../src/verifier/log-note.js';
import * as tiles from '../../src/verifier/log-tiles.js';
import * as trees from '../../src/verifier/log-tree.js';
import { seed } from '../support/seed.js';
import { codeOf, entryOf, flipped, grownTree, hex, unwrap } from '../unit/log/tlog/trees.js';

/** What the reference gives, or the code of the falsehood that it throws. */
function tried<T>(ask: () => T): { readonly ok: true; readonly value: T } | { readonly ok: false } {
  try {
    return { ok: true, value: ask() };
  } catch (error) {
    if (!(error instanceof LogFalsehood)) throw error;
    return { ok: false };
  }
}

/** How many hashes an audit path has, by the definition of PATH. */
function pathLength(index: number, size: number): number {
  if (size <= 1) return 0;
  const k = trees.split(size);
  return 1 + (index < k ? pathLength(index, k) : pathLength(index - k, size - k));
}

describe('engine and reference agree', () => {
  const large = grownTree(70_000, () => 500);

  it('on roots, audit paths and consistency proofs of a thousand random sizes', async () => {
    let compared = 0;
    const place = fc
      .integer({ min: 1, max: 800 })
      .chain((n) => fc.record({ n: fc.constant(n), i: fc.nat({ max: n - 1 }), m: fc.nat({ max: n }) }));
    await fc.assert(
      fc.asyncProperty(place, async ({ n, i, m }) => {
        const leaves = large.leaves.slice(0, n);
        expect(hex(unwrap(await treeRoot(large, n)))).toBe(hex(trees.treeHash(leaves)));
        expect(unwrap(await proveInclusion(large, i, n)).map(hex)).toEqual(
          trees.auditPath(i, leaves).map(hex),
        );
        const growth = unwrap(await proveConsistency(large, m, n));
        expect(growth.map(hex)).toEqual(trees.consistencyPath(m, leaves).map(hex));
        compared += 1;
      }),
      { seed, numRuns: 1000 },
    );
    console.log(`engine and reference: ${compared} sizes`);
    expect(compared).toBeGreaterThanOrEqual(1000);
  }, 120_000);

  it('on what is proved at sizes up to 2^53 - 1, and on what is not', () => {
    const outcomes = { accepted: 0, refused: 0 };
    const size = fc.oneof(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    );
    const claim = size.chain((n) =>
      fc.record({
        n: fc.constant(n),
        i: fc.integer({ min: 0, max: n - 1 }),
        fill: fc.infiniteStream(fc.uint8Array({ minLength: 32, maxLength: 32 })),
        change: fc.constantFrom('nothing', 'a hash', 'a length', 'the index', 'the size'),
      }),
    );
    fc.assert(
      fc.property(claim, ({ n, i, fill, change }) => {
        const next = (): Uint8Array => fill.next().value as Uint8Array;
        const leaf = next();
        const path = Array.from({ length: pathLength(i, n) }, next);
        const root = trees.rootOfPath(i, n, leaf, path) as Uint8Array;
        const said =
          change === 'a length'
            ? [...path, next()]
            : change === 'a hash' && path.length > 0
              ? path.with(i % path.length, flipped(path[i % path.length] as Uint8Array))
              : path;
        const index = change === 'the index' ? i + 1 : i;
        const whole = change === 'the size' ? n + 1 : n;
        const engine = verifyInclusion(root, whole, index, leaf, said).ok;
        expect(engine).toBe(trees.isIncluded(index, whole, leaf, said, root));
        if (change === 'nothing') expect(engine).toBe(true);
        outcomes[engine ? 'accepted' : 'refused'] += 1;
      }),
      { seed, numRuns: 2000 },
    );
    console.log('claims at any size:', outcomes);
    expect(Math.min(outcomes.accepted, outcomes.refused)).toBeGreaterThan(300);
  });

  it('on random consistency claims, true and false', async () => {
    const outcomes = { accepted: 0, refused: 0 };
    const claim = fc
      .tuple(fc.nat({ max: 70_000 }), fc.nat({ max: 70_000 }), fc.nat(), fc.boolean())
      .map(([a, b, at, lie]) => ({ m: Math.min(a, b), n: Math.max(a, b), at, lie }));
    await fc.assert(
      fc.asyncProperty(claim, async ({ m, n, at, lie }) => {
        const proof = unwrap(await proveConsistency(large, m, n));
        const before = unwrap(await treeRoot(large, m));
        const after = unwrap(await treeRoot(large, n));
        const said = lie ? proof.map((hash, j) => (j === at % proof.length ? flipped(hash) : hash)) : proof;
        const engine = verifyConsistency(m, n, before, after, said).ok;
        expect(engine).toBe(trees.isConsistent(m, n, before, after, said));
        expect(engine).toBe(!lie || proof.length === 0);
        outcomes[engine ? 'accepted' : 'refused'] += 1;
      }),
      { seed, numRuns: 400 },
    );
    console.log('claims of growth:', outcomes);
    expect(Math.min(outcomes.accepted, outcomes.refused)).toBeGreaterThan(100);
  }, 60_000);

  it('on the tiles of a log of any size: which, where, and what is in them', async () => {
    for (const size of [0, 1, 255, 256, 257, 511, 65_535, 65_536, 65_537, 70_000]) {
      const named = tilesOf(size);
      expect(named.map(tilePath)).toEqual(tiles.tilesOf(size).map(tiles.tilePath));
      expect(named.every((tile) => tileAt(tile.level, tile.index, size)?.width === tile.width)).toBe(true);
    }
    const reads: string[] = [];
    const read = async (path: string): Promise<Uint8Array | undefined> => {
      const name = unwrap(parseTilePath(path));
      reads.push(path);
      return name.kind === 'tile' ? large.readTile(name) : undefined;
    };
    const hashes = await tiles.entryHashesOf(70_000, read);
    expect(reads).toHaveLength(274 + 2 + 1);
    expect(hex(trees.treeHash(hashes))).toBe(hex(large.rootAt(70_000)));
    for (const [path, code] of [
      ['tile/1/000', 'tile_wrong'],
      ['tile/1/001.p/17', 'tile_wrong'],
      ['tile/2/000.p/1', 'tile_wrong'],
      ['tile/0/100', 'tile_wrong'],
    ] as const) {
      const lying = async (asked: string) => {
        const bytes = await read(asked);
        return asked === path && bytes !== undefined ? flipped(bytes, 31) : bytes;
      };
      await expect(tiles.entryHashesOf(70_000, lying), path).rejects.toMatchObject({ code });
    }
    const lost = async (asked: string) => (asked === 'tile/0/273.p/112' ? undefined : read(asked));
    await expect(tiles.entryHashesOf(70_000, lost)).rejects.toMatchObject({ code: 'tile_missing' });
  }, 60_000);

  it('on bundles', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 }),
        (entries) => {
          const bundle = unwrap(formatBundle(entries));
          const name = { level: 'entries', index: 0, width: entries.length } as const;
          expect(tiles.entriesOfBundle(name, bundle).map(hex)).toEqual(entries.map(hex));
          const shorter = tried(() => tiles.entriesOfBundle(name, bundle.subarray(0, -1)));
          expect(shorter.ok).toBe(false);
        },
      ),
      { seed, numRuns: 100 },
    );
  });
});

describe('engine and reference read the same texts', () => {
  const key = unwrap(signingKeyOf('log.example', new Uint8Array(32).fill(4)));
  const vkey = verifierKeyOf(key);
  const root = new Uint8Array(32).fill(5);
  const note = signCheckpoint(1234, root, {
    name: key.name,
    hash: key.hash,
    sign: (text) => key.sign(Buffer.from(text)),
  });
  const proof = formatTlogProof({ index: 7, path: [root, root], checkpoint: note, extra: entryOf(3) });
  /** Pieces that matter to the formats, put in, taken out and doubled. */
  const pieces = [
    '\n',
    '\n\n',
    '— ',
    ' ',
    '+',
    '=',
    'A',
    '0',
    '1',
    'extra ',
    'index ',
    'old ',
    'x',
    '\t',
    '\u2028',
    'é',
  ];
  const edit = fc.record({
    at: fc.nat(),
    remove: fc.nat({ max: 3 }),
    insert: fc.constantFrom('', ...pieces),
  });
  const edited = (text: string) =>
    fc.array(edit, { maxLength: 2 }).map((edits) =>
      edits.reduce((whole, { at, remove, insert }) => {
        const from = at % (whole.length + 1);
        return whole.slice(0, from) + insert + whole.slice(from + remove);
      }, text),
    );

  it('of notes and checkpoints', async () => {
    const seen = { accepted: 0, refused: 0, signed: 0 };
    await fc.assert(
      fc.asyncProperty(edited(note), async (text) => {
        const input = Buffer.from(text);
        const ours = parseNote(input);
        const theirs = tried(() => notes.parseNote(input));
        expect(ours.ok, text).toBe(theirs.ok);
        seen[ours.ok ? 'accepted' : 'refused'] += 1;
        if (!ours.ok || !theirs.ok) return;
        expect(ours.value.text).toBe(theirs.value.text);
        expect(ours.value.signatures.map(({ name, hash, bytes }) => [name, hash, hex(bytes)])).toEqual(
          theirs.value.signatures.map(({ name, hash, bytes }) => [name, hash, hex(bytes)]),
        );
        expect(parseCheckpoint(ours.value.text).ok).toBe(
          tried(() => checkpoints.parseCheckpoint(theirs.value.text)).ok,
        );
        const verified = verifyCheckpoint(ours.value, unwrap(parseVerifierKey(vkey))).ok;
        const opened = await checkpoints.openCheckpoint(input, vkey).then(
          () => true,
          (error: unknown) => (error instanceof LogFalsehood ? false : Promise.reject(error)),
        );
        expect(verified, text).toBe(opened);
        if (verified) seen.signed += 1;
      }),
      { seed, numRuns: 1500 },
    );
    console.log('notes:', seen);
    expect(Math.min(seen.accepted, seen.refused, seen.signed)).toBeGreaterThan(100);
  }, 60_000);

  it('of tlog-proofs', () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(edited(proof), (text) => {
        const input = Buffer.from(text);
        const ours = parseTlogProof(input);
        const theirs = tried(() => checkpoints.parseLogProof(input));
        expect(ours.ok, text).toBe(theirs.ok);
        seen[ours.ok ? 'accepted' : 'refused'] += 1;
        if (!ours.ok || !theirs.ok) return;
        expect(ours.value.index).toBe(theirs.value.index);
        expect(ours.value.checkpoint).toBe(theirs.value.checkpoint);
        expect(ours.value.path.map(hex)).toEqual(theirs.value.path.map(hex));
        expect(ours.value.extra && hex(ours.value.extra)).toBe(theirs.value.extra && hex(theirs.value.extra));
      }),
      { seed, numRuns: 1500 },
    );
    console.log('tlog-proofs:', seen);
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100);
  });

  it('of whole proofs: what the engine writes, the reference verifies', async () => {
    const tree = grownTree(300);
    const sign = (text: string) => key.sign(Buffer.from(text));
    const checkpoint = signCheckpoint(300, tree.rootAt(300), { name: key.name, hash: key.hash, sign });
    for (const index of [0, 255, 256, 299]) {
      const path = unwrap(await proveInclusion(tree, index, 300));
      const file = formatTlogProof({ index, path, checkpoint });
      const found = await checkpoints.verifyLogProof(entryOf(index), file, vkey);
      expect(found).toMatchObject({ index, checkpoint: { size: 300, origin: 'log.example' } });
      await expect(checkpoints.verifyLogProof(entryOf(index + 1), file, vkey)).rejects.toMatchObject({
        code: 'inclusion_wrong',
      });
      await expect(checkpoints.verifyLogProof(entryOf(index), file, vkey, [], 1)).rejects.toMatchObject({
        code: 'too_few_witnesses',
      });
    }
    expect(codeOf(await proveInclusion(tree, 300, 300))).toBe('range_invalid');
    expect(codeOf(await proveInclusion(tree, 0, 301))).toBe('tile_missing');
    expect(codeOf(await proveConsistency(tree, 3, 2))).toBe('range_invalid');
    expect(codeOf(await treeRoot(tree, -1))).toBe('range_invalid');
    expect(codeOf(await treeRoot({ readTile: async () => new Uint8Array(31) }, 5))).toBe('tile_malformed');
  });
});
