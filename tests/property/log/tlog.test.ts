import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../../src/kernel/base64.js';
import {
  formatVerifierKey,
  keyAlgorithm,
  keyHash,
  parseVerifierKey,
  type VerifierKey,
} from '../../../src/kernel/verifier-key.js';
import {
  formatAddCheckpoint,
  formatCosignatureLines,
  formatStaleSize,
  parseAddCheckpoint,
  parseCosignatureLines,
  parseStaleSize,
} from '../../../src/log/tlog/add-checkpoint.js';
import {
  formatCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
} from '../../../src/log/tlog/checkpoint.js';
import { cosignedBytes, formatCosignature, parseCosignature } from '../../../src/log/tlog/cosignature.js';
import { formatBundle, parseBundle } from '../../../src/log/tlog/entry-bundle.js';
import { formatNote, type NoteSignature, parseNote, parseNoteText } from '../../../src/log/tlog/note.js';
import { verifyNote } from '../../../src/log/tlog/note-verification.js';
import { bundlePath, parseTilePath, tilePath } from '../../../src/log/tlog/tile-path.js';
import { formatTlogProof, parseTlogProof } from '../../../src/log/tlog/tlog-proof.js';
import { type SigningKey, signingKeyOf } from '../../../src/proofs/signing-key.js';
import { seed } from '../../support/seed.js';
import { codeOf, flipped, unwrap } from '../../unit/log/tlog/trees.js';

const runs = { seed, numRuns: 300 };
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const natural = fc.maxSafeNat();
const name = fc.stringMatching(/^[a-zäß漢./-]{1,24}$/);
const hashes = fc.array(bytes(32), { maxLength: 63 });
const signature: fc.Arbitrary<NoteSignature> = fc.record({
  name,
  hash: bytes(4).map((four) => Buffer.from(four).toString('hex')),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 80 }),
});
/** Lines of text, some of them empty, each with its line feed. */
const noteText = fc
  .array(fc.stringMatching(/^[ -~é漢—]{0,20}$/), { minLength: 1, maxLength: 6 })
  .map((lines) => `${lines.join('\n')}\n`);
const note = fc.record({ text: noteText, signatures: fc.array(signature, { minLength: 1, maxLength: 20 }) });
const checkpoint = fc.record({ origin: name, size: natural, root: bytes(32) });
/** Bytes as hex, so that views, buffers and arrays of the same bytes are the same. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

function signerOf(keyName: string, fill: number): SigningKey {
  return unwrap(signingKeyOf(keyName, new Uint8Array(32).fill(fill)));
}
function publicOf(
  { name: keyName, publicKey }: SigningKey,
  algorithm: VerifierKey['algorithm'],
): VerifierKey {
  return { name: keyName, hash: keyHash(keyName, algorithm, publicKey), algorithm, publicKey };
}
function line(key: SigningKey, text: string): NoteSignature {
  return { name: key.name, hash: key.hash, bytes: key.sign(utf8(text)) };
}
function cosign(key: SigningKey, seconds: bigint, text: string): NoteSignature {
  const { name: keyName, hash } = publicOf(key, keyAlgorithm.cosignature);
  const signed = key.sign(cosignedBytes(seconds, text));
  return { name: keyName, hash, bytes: formatCosignature({ seconds, signature: signed }) };
}

describe('what is written reads back the same', () => {
  it('base64', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (data) => {
        expect(plain(decodeBase64(encodeBase64(data)))).toEqual(plain(data));
      }),
      runs,
    );
  });

  it('a note, split at its last empty line', () => {
    fc.assert(
      fc.property(note, (each) => {
        const text = formatNote(each);
        const read = unwrap(parseNote(utf8(text)));
        expect(plain(read)).toEqual(plain(each));
        expect(formatNote(read)).toBe(text);
      }),
      runs,
    );
  });

  it('a checkpoint, and only in one way', () => {
    fc.assert(
      fc.property(checkpoint, (each) => {
        const text = formatCheckpoint(each);
        expect(plain(unwrap(parseCheckpoint(text)))).toEqual(plain(each));
        for (const other of [
          `${text}\n`,
          `${text}extension\n`,
          text.slice(0, -1),
          text.replace('\n', '\n0'),
        ]) {
          if (other === text) continue;
          expect(codeOf(parseCheckpoint(other)), other).toBe('checkpoint_malformed');
        }
      }),
      runs,
    );
  });

  it('a tlog-proof', () => {
    const proof = fc.record(
      { extra: fc.uint8Array(), index: natural, path: hashes, checkpoint: note.map(formatNote) },
      { requiredKeys: ['index', 'path', 'checkpoint'] },
    );
    fc.assert(
      fc.property(proof, (each) => {
        const text = formatTlogProof(each);
        const read = unwrap(parseTlogProof(utf8(text)));
        expect(plain(read)).toEqual(plain(each));
        expect(formatTlogProof(read)).toBe(text);
      }),
      runs,
    );
  });

  it('what is sent to a witness, and what it answers', () => {
    const body = fc.record({ oldSize: natural, proof: hashes, checkpoint: note.map(formatNote) });
    fc.assert(
      fc.property(body, fc.array(signature, { minLength: 1, maxLength: 4 }), natural, (add, lines, size) => {
        expect(plain(unwrap(parseAddCheckpoint(utf8(formatAddCheckpoint(add)))))).toEqual(plain(add));
        const answered = unwrap(parseCosignatureLines(utf8(formatCosignatureLines(lines))));
        expect(plain(answered)).toEqual(plain(lines));
        expect(unwrap(parseStaleSize(utf8(formatStaleSize(size))))).toBe(size);
      }),
      runs,
    );
  });

  it('the time of a cosignature, to the last bit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), bytes(64), (seconds, signed) => {
        const read = parseCosignature(formatCosignature({ seconds, signature: signed }));
        expect(read?.seconds).toBe(seconds);
        expect(plain(read?.signature)).toEqual(plain(signed));
      }),
      runs,
    );
  });

  it('the path of a tile, and no other path is read as one', () => {
    const width = fc.integer({ min: 1, max: 256 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 63 }), natural, width, (level, index, wide) => {
        const tile = { level, index, width: wide };
        expect(unwrap(parseTilePath(tilePath(tile)))).toEqual({ kind: 'tile', ...tile });
        const bundle = { index, width: wide };
        expect(unwrap(parseTilePath(bundlePath(bundle)))).toEqual({ kind: 'entries', ...bundle });
      }),
      runs,
    );
    const paths = fc.stringMatching(/^tile\/[0-9x/.p]{1,24}$/);
    fc.assert(
      fc.property(paths, (path) => {
        const read = parseTilePath(path);
        if (!read.ok) return;
        expect(read.value.kind === 'tile' ? tilePath(read.value) : bundlePath(read.value)).toBe(path);
      }),
      { ...runs, numRuns: 5000 },
    );
  });

  it.each([
    'tile/0/0',
    'tile/0/00',
    'tile/00/000',
    'tile/64/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/x000/001',
    'tile/0/1234',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/-1/000',
    'tile/data/000',
    'tile/0/000\n',
    '/tile/0/000',
    'tile/8/0/000/',
  ])('%j is no path of a tile', (path) => {
    expect(codeOf(parseTilePath(path))).toBe('tile_path_malformed');
  });

  it('a bundle', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 700 }), { minLength: 1, maxLength: 256 });
    fc.assert(
      fc.property(entries, (each) => {
        const bundle = unwrap(formatBundle(each));
        expect(plain(unwrap(parseBundle(bundle, each.length)))).toEqual(plain(each));
        expect(codeOf(parseBundle(bundle, each.length + 1))).toBe('bundle_malformed');
        expect(codeOf(parseBundle(bundle.subarray(0, -1), each.length))).toBe('bundle_malformed');
      }),
      { ...runs, numRuns: 100 },
    );
  });

  it('an entry of 65,535 bytes goes into a bundle, one of 65,536 does not', () => {
    expect(unwrap(formatBundle([new Uint8Array(65_535)])).length).toBe(65_537);
    expect(codeOf(formatBundle([new Uint8Array(65_536)]))).toBe('entry_too_large');
  });
});

describe('signatures of a note', () => {
  const log = signerOf('log.example', 1);
  const witness = signerOf('witness.example', 2);
  const logKey = publicOf(log, keyAlgorithm.ed25519);
  const witnessKey = publicOf(witness, keyAlgorithm.cosignature);
  const root = new Uint8Array(32).fill(9);
  const text = formatCheckpoint({ origin: log.name, size: 5, root });

  it('by unknown keys are passed over, twenty of them around the known one', () => {
    const strangers = Array.from({ length: 20 }, (_, i) => line(signerOf(`stranger-${i}`, i + 20), 'else\n'));
    const signatures = [...strangers.slice(0, 10), line(log, text), ...strangers.slice(10)];
    const read = unwrap(parseNoteText(formatNote({ text, signatures })));
    expect(unwrap(verifyNote(read, [logKey]))).toEqual([{ key: logKey }]);
    expect(unwrap(verifyCheckpoint(read, logKey)).size).toBe(5);
  });

  it('by a known key are all right, or the note is refused', () => {
    const good = line(log, text);
    const bad = { ...good, bytes: flipped(good.bytes) };
    for (const signatures of [
      [bad],
      [good, bad],
      [bad, good],
      [{ ...good, bytes: good.bytes.subarray(1) }],
    ]) {
      expect(codeOf(verifyNote({ text, signatures }, [logKey]))).toBe('signature_wrong');
    }
    const wrongWitness = cosign(witness, 7n, `${text}more\n`);
    expect(codeOf(verifyCheckpoint({ text, signatures: [good, wrongWitness] }, logKey, [witnessKey]))).toBe(
      'signature_wrong',
    );
    expect(codeOf(verifyCheckpoint({ text, signatures: [good, wrongWitness] }, logKey))).toBe('ok');
  });

  it('say who signed when, and a witness alone is not the log', () => {
    const both = { text, signatures: [line(log, text), cosign(witness, 1_700_000_000n, text)] };
    expect(unwrap(verifyCheckpoint(both, logKey, [witnessKey])).cosigned).toEqual([
      { key: witnessKey, seconds: 1_700_000_000n },
    ]);
    const alone = { text, signatures: both.signatures.slice(1) };
    expect(codeOf(verifyCheckpoint(alone, logKey, [witnessKey]))).toBe('unsigned');
    expect(codeOf(verifyCheckpoint(alone, logKey))).toBe('unsigned');
    expect(codeOf(verifyCheckpoint(both, witnessKey))).toBe('key_unsuitable');
    expect(codeOf(verifyCheckpoint(both, logKey, [logKey]))).toBe('key_unsuitable');
  });

  it('of one log do not stand for another log', () => {
    const foreign = formatCheckpoint({ origin: 'other.example', size: 5, root });
    const signatures = [line(log, foreign)];
    expect(codeOf(verifyCheckpoint({ text: foreign, signatures }, logKey))).toBe('origin_wrong');
  });

  it('fail with any one bit of the note changed', () => {
    const sign = (each: string) => log.sign(utf8(each));
    const whole = utf8(signCheckpoint(5, root, { name: log.name, hash: log.hash, sign }));
    const verdictOf = (input: Uint8Array) => {
      const read = parseNote(input);
      return read.ok ? codeOf(verifyCheckpoint(read.value, logKey)) : read.error.code;
    };
    expect(verdictOf(whole)).toBe('ok');
    const verdicts = new Map<string, number>();
    for (let i = 0; i < whole.length; i += 1) {
      for (let bit = 1; bit < 256; bit *= 2) {
        const verdict = verdictOf(flipped(whole, i, bit));
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      }
    }
    console.log('bits of a checkpoint changed:', Object.fromEntries(verdicts));
    expect([...verdicts.keys()].sort()).toEqual(['note_malformed', 'signature_wrong', 'unsigned']);
  });
});

describe('verifier keys', () => {
  it('read back the same, of both algorithms, and no one character may change', () => {
    for (const algorithm of Object.values(keyAlgorithm)) {
      const key = publicOf(signerOf('log.example', 3), algorithm);
      const text = formatVerifierKey(key);
      expect(plain(unwrap(parseVerifierKey(text)))).toEqual(plain(key));
      for (let i = 0; i < text.length; i += 1) {
        const lie = Buffer.from(flipped(utf8(text), i)).toString('latin1');
        expect(parseVerifierKey(lie), lie).toMatchObject({ ok: false, error: { code: 'key_invalid' } });
      }
    }
  });
});

describe('hostile input', () => {
  const parsers: { readonly [name: string]: (input: Uint8Array) => unknown } = {
    note: (input) => parseNote(input),
    checkpoint: (input) => parseCheckpoint(Buffer.from(input).toString()),
    proof: (input) => parseTlogProof(input),
    add: (input) => parseAddCheckpoint(input),
    cosignatures: (input) => parseCosignatureLines(input),
    stale: (input) => parseStaleSize(input),
    bundle: (input) => parseBundle(input, 3),
    path: (input) => parseTilePath(Buffer.from(input).toString('latin1')),
    key: (input) => parseVerifierKey(Buffer.from(input).toString()),
  };
  const valid = fc.oneof(
    note.map((each) => utf8(formatNote(each))),
    checkpoint.map((each) => utf8(formatCheckpoint(each))),
    fc
      .record({ index: natural, path: hashes, checkpoint: note.map(formatNote) })
      .map((each) => utf8(formatTlogProof(each))),
    fc
      .record({ oldSize: natural, proof: hashes, checkpoint: note.map(formatNote) })
      .map((each) => utf8(formatAddCheckpoint(each))),
    fc
      .array(fc.uint8Array({ maxLength: 20 }), { minLength: 3, maxLength: 3 })
      .map((each) => unwrap(formatBundle(each))),
    fc
      .tuple(natural, fc.integer({ min: 1, max: 256 }))
      .map(([index, width]) => utf8(tilePath({ level: 1, index, width }))),
    fc.uint8Array({ maxLength: 200 }),
  );
  const cut = fc.record({
    at: fc.nat(),
    remove: fc.nat({ max: 40 }),
    insert: fc.uint8Array({ maxLength: 8 }),
  });
  const mutated = fc.tuple(valid, fc.array(cut, { minLength: 1, maxLength: 4 })).map(([start, cuts]) =>
    cuts.reduce<Uint8Array>((input, { at, remove, insert }) => {
      const from = at % (input.length + 1);
      return Buffer.concat([input.subarray(0, from), insert, input.subarray(from + remove)]);
    }, start),
  );

  it('is a value for every parser, never thrown', () => {
    const seen = { inputs: 0, accepted: 0 };
    fc.assert(
      fc.property(mutated, (input) => {
        seen.inputs += 1;
        for (const parse of Object.values(parsers)) {
          const result = parse(input) as { readonly ok: boolean };
          expect(typeof result.ok).toBe('boolean');
          if (result.ok) seen.accepted += 1;
        }
      }),
      { ...runs, numRuns: 4000 },
    );
    console.log(
      `hostile input: ${seen.inputs} inputs to ${Object.keys(parsers).length} parsers, ${seen.accepted} accepted`,
    );
    expect(seen.inputs).toBe(4000);
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['no empty line', 'text\n— a AAAAAAA=\n'],
    ['no signature', 'text\n\n'],
    ['no line feed at the end', 'text\n\n— a AAAAAAA='],
    ['a tab', 'te\txt\n\n— a AAAAAAA=\n'],
    ['a carriage return', 'text\r\n\n— a AAAAAAA=\n'],
    ['a hyphen for a dash', 'text\n\n- a AAAAAAA=\n'],
    ['a name with a plus', 'text\n\n— a+b AAAAAAA=\n'],
    ['an empty name', 'text\n\n—  AAAAAAA=\n'],
    ['a signature of no bytes', 'text\n\n— a AAAAAA==\n'],
    ['base64 with stray bits', 'text\n\n— a AAAAAAB=\n'],
    ['more than 100 signatures', `text\n\n${'— a AAAAAAA=\n'.repeat(101)}`],
    ['a lone surrogate', 'te\ud800xt\n\n— a AAAAAAA=\n'],
  ])('a note with %s is malformed', (_, text) => {
    expect(codeOf(parseNoteText(text))).toBe('note_malformed');
    expect(codeOf(parseNoteText('text\n\n— a AAAAAAA=\n'))).toBe('ok');
  });

  it('a note that is not UTF-8, or larger than a million bytes, is malformed', () => {
    const fine = utf8('text\n\n— a AAAAAAA=\n');
    expect(codeOf(parseNote(fine))).toBe('ok');
    expect(codeOf(parseNote(Buffer.concat([Buffer.of(0xff), fine])))).toBe('note_malformed');
    expect(codeOf(parseNote(Buffer.concat([Buffer.alloc(1_000_000, 'a'), fine])))).toBe('note_malformed');
  });
});
