import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { leafHash } from '../../../../src/kernel/merkle.js';
import { parseVerifierKey } from '../../../../src/kernel/verifier-key.js';
import { formatCheckpoint, signCheckpoint, verifyCheckpoint } from '../../../../src/log/tlog/checkpoint.js';
import { proveConsistency, verifyConsistency } from '../../../../src/log/tlog/consistency.js';
import { formatBundle, parseBundle } from '../../../../src/log/tlog/entry-bundle.js';
import { emptyFrontier, grow, rootOf } from '../../../../src/log/tlog/frontier.js';
import { proveInclusion, verifyInclusion } from '../../../../src/log/tlog/inclusion.js';
import { formatNote, parseNoteText } from '../../../../src/log/tlog/note.js';
import { tilesOf } from '../../../../src/log/tlog/tile.js';
import { parseTilePath, tilePath } from '../../../../src/log/tlog/tile-path.js';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '../../../../src/log/tlog/tlog-proof.js';
import { treeRoot } from '../../../../src/log/tlog/tree-root.js';
import { parseSigningKey, verifierKeyOf } from '../../../../src/proofs/signing-key.js';
import { bytesOf, entryOf, grownTree, hex, unwrap } from './trees.js';

interface Vectors {
  readonly rfc6962_roots: readonly string[];
  readonly rfc6962_incl: { readonly [name: string]: readonly string[] };
  readonly rfc6962_cons: { readonly [name: string]: readonly string[] };
  readonly roots: { readonly [size: string]: string };
  readonly incl: readonly { readonly i: number; readonly n: number; readonly proof: readonly string[] }[];
  readonly cons: readonly { readonly m: number; readonly n: number; readonly proof: readonly string[] }[];
  readonly tiles_70000: readonly { readonly path: string; readonly len: number; readonly sha256: string }[];
  readonly bundle_273_p_112: { readonly head: string; readonly len: number; readonly sha256: string };
  readonly path_1234067_L3_W7: string;
  readonly skey: string;
  readonly vkey: string;
  readonly witness_vkey: string;
  readonly checkpoint: string;
  readonly checkpoint_text: string;
  readonly tlog_proof: string;
}

const file = new URL('../../../vectors/tlog.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The eight inputs of the RFC 6962 reference tests. */
const rfcInputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const rfcLeaves = rfcInputs.map((input) => leafHash(bytesOf(input)));
const rfcRoot = (size: number): Uint8Array => rootOf(grow(emptyFrontier, rfcLeaves.slice(0, size)).frontier);

describe('the tree of RFC 6962', () => {
  it('has its roots', () => {
    expect(rfcLeaves.map((_, i) => hex(rfcRoot(i + 1)))).toEqual(vectors.rfc6962_roots);
  });

  it.each(Object.entries(vectors.rfc6962_incl))('accepts the inclusion proof %s', (name, proof) => {
    const [i, n] = name.slice(1).split('n').map(Number) as [number, number];
    const verdict = verifyInclusion(rfcRoot(n), n, i, rfcLeaves[i] as Uint8Array, proof.map(bytesOf));
    expect(verdict).toEqual({ ok: true, value: true });
  });

  it.each(Object.entries(vectors.rfc6962_cons))('accepts the consistency proof %s', (name, proof) => {
    const [m, n] = name.split('_').map(Number) as [number, number];
    const verdict = verifyConsistency(m, n, rfcRoot(m), rfcRoot(n), proof.map(bytesOf));
    expect(verdict).toEqual({ ok: true, value: true });
  });
});

describe('a tree of 70,000 entries', () => {
  const tree = grownTree(70_000, (at) => (at < 66_000 ? 997 : 113));

  it.each(Object.entries(vectors.roots))('has the root of its first %s entries', async (size, root) => {
    expect(hex(unwrap(await treeRoot(tree, Number(size))))).toBe(root);
  });

  it.each(vectors.incl)('proves the inclusion of $i in $n', async ({ i, n, proof }) => {
    const path = unwrap(await proveInclusion(tree, i, n));
    expect(path.map(hex)).toEqual(proof);
    const root = bytesOf(vectors.roots[n] as string);
    expect(verifyInclusion(root, n, i, leafHash(entryOf(i)), path).ok).toBe(true);
  });

  it.each(vectors.cons)('proves the consistency of $m with $n', async ({ m, n, proof }) => {
    const path = unwrap(await proveConsistency(tree, m, n));
    expect(path.map(hex)).toEqual(proof);
    const before = unwrap(await treeRoot(tree, m));
    const after = unwrap(await treeRoot(tree, n));
    expect(verifyConsistency(m, n, before, after, path).ok).toBe(true);
  });

  it('has the tiles of an independent implementation, byte for byte', async () => {
    for (const { path, len, sha256 } of vectors.tiles_70000) {
      const name = unwrap(parseTilePath(path));
      if (name.kind !== 'tile') throw new Error(path);
      const bytes = (await tree.readTile(name)) as Uint8Array;
      expect(bytes.length, path).toBe(len);
      expect(sha256Hex(bytes), path).toBe(sha256);
      expect(tilePath(name)).toBe(path);
    }
    expect(vectors.tiles_70000.length).toBe(134);
  });

  it('lies in 273 full tiles and a partial one, one and a partial one, and a partial one', () => {
    const shape = [0, 1, 2, 3].map((level) => {
      const widths = tilesOf(70_000).flatMap((tile) => (tile.level === level ? [tile.width] : []));
      return [widths.filter((width) => width === 256).length, ...widths.filter((width) => width !== 256)];
    });
    expect(shape).toEqual([[273, 112], [1, 17], [0, 1], [0]]);
  });

  it('ends in the bundle of an independent implementation', () => {
    const entries = Array.from({ length: 112 }, (_, i) => entryOf(273 * 256 + i));
    const bundle = unwrap(formatBundle(entries));
    const { head, len, sha256 } = vectors.bundle_273_p_112;
    expect(bundle.length).toBe(len);
    expect(hex(bundle).startsWith(head)).toBe(true);
    expect(sha256Hex(bundle)).toBe(sha256);
    expect(unwrap(parseBundle(bundle, 112)).map(hex)).toEqual(entries.map(hex));
  });
});

describe('the checkpoint of an independent implementation', () => {
  const key = unwrap(parseVerifierKey(vectors.vkey));
  const witness = unwrap(parseVerifierKey(vectors.witness_vkey));
  const signing = unwrap(parseSigningKey(vectors.skey));

  it('is verified, with the witness that cosigned it', () => {
    const note = unwrap(parseNoteText(vectors.checkpoint));
    const verified = unwrap(verifyCheckpoint(note, key, [witness]));
    expect(verified).toMatchObject({ origin: 'caio.example/log1', size: 1000 });
    expect(verified.cosigned).toEqual([{ key: witness, seconds: 1_700_000_000n }]);
    expect(formatCheckpoint(verified)).toBe(vectors.checkpoint_text);
    expect(formatNote(note)).toBe(vectors.checkpoint);
  });

  it('is the one that our key signs', () => {
    expect(verifierKeyOf(signing)).toBe(vectors.vkey);
    const { name, hash } = signing;
    const sign = (text: string) => signing.sign(Buffer.from(text));
    const note = signCheckpoint(1000, bytesOf(vectors.roots['1000'] as string), { name, hash, sign });
    expect(vectors.checkpoint.startsWith(note)).toBe(true);
  });

  it('stands in a tlog-proof that is verified and written back the same', () => {
    const proof = unwrap(parseTlogProof(Buffer.from(vectors.tlog_proof)));
    expect(formatTlogProof(proof)).toBe(vectors.tlog_proof);
    expect(unwrap(verifyTlogProof(proof, leafHash(entryOf(999)), key, [witness])).size).toBe(1000);
    expect(verifyTlogProof(proof, leafHash(entryOf(998)), key)).toMatchObject({
      ok: false,
      error: { code: 'proof_wrong' },
    });
  });
});

it('writes the path of the specification', () => {
  expect(tilePath({ level: 3, index: 1_234_067, width: 7 })).toBe(vectors.path_1234067_L3_W7);
});
