import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../src/contracts/bundle.js';
import { canonicalText } from '../../src/kernel/canonical.js';
import { payloadType, preAuthentication } from '../../src/proofs/envelope.js';
import { type SigningKey, signingKeyOf, verifierKeyOf } from '../../src/proofs/signing-key.js';
import { verify } from '../../src/verifier/index.js';
import { type BaseDecision, baseDecisions, bundleOf, key, verifierKey } from './base-decisions.js';
import { verdictOf } from './expected-codes.js';

const [base] = baseDecisions as readonly [BaseDecision];
const bundle = bundleOf(base, 1);
const text = canonicalText(base.certificate);

function keyOf(name: string, fill: number): SigningKey {
  const made = signingKeyOf(name, new Uint8Array(32).fill(fill));
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

/** Any bytes as a payload, signed by the right key over that type. */
function signed(payload: string | Uint8Array, by: SigningKey = key, type: string = payloadType): Envelope {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const sig = Buffer.from(by.sign(preAuthentication(type, bytes))).toString('base64');
  return {
    payloadType,
    payload: Buffer.from(bytes).toString('base64'),
    signatures: [{ keyid: by.id, sig }],
  };
}

async function verdict(envelope: unknown, under = verifierKey): Promise<string> {
  return verdictOf(await verify(canonicalText({ ...bundle, envelope }), { key: under }));
}

const { payload, signatures } = bundle.envelope;
const [signature] = signatures as [Envelope['signatures'][0]];
const withSignatures = (...list: unknown[]) => ({ ...bundle.envelope, signatures: list });
const withSig = (sig: string) => withSignatures({ ...signature, sig });
const withPayload = (changed: string) => ({ ...bundle.envelope, payload: changed });

/** The same signature with s + L in place of s: RFC 8032 §5.1.7 refuses it, so that a signature has one form. */
function malleated(): string {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const bytes = Buffer.from(signature.sig, 'base64');
  let s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order;
  for (let i = 32; i < 64; i += 1, s >>= 8n) bytes[i] = Number(s & 255n);
  return bytes.toString('base64');
}

/** The last digit of unpadded base64 may carry bits that belong to no byte. */
function withStrayBits(encoded: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const end = encoded.indexOf('=');
  const digit = alphabet[alphabet.indexOf(encoded[end - 1] as string) + 1];
  return `${encoded.slice(0, end - 1)}${digit}${encoded.slice(end)}`;
}

test('as made, it holds', async () => {
  expect(await verdict(signed(text))).toBe('holds');
});

describe('the key:', () => {
  const other = keyOf('caio.example', 8);
  const renamed = keyOf('other.example', 7);
  test.each([
    ['another key', verifierKeyOf(other), '1 key_mismatch'],
    ['the same key under another name', verifierKeyOf(renamed), '1 key_mismatch'],
    [
      'a name that its hash does not fit',
      verifierKey.replace('caio.example', 'caia.example'),
      '1 key_malformed',
    ],
    ['a hash that does not fit', verifierKey.replace(/\+[0-9a-f]{8}\+/, '+00000000+'), '1 key_malformed'],
    ['no key', '', '1 key_malformed'],
    ['a private key', 'PRIVATE+KEY+caio.example', '1 key_malformed'],
  ])('%s is refused', async (_, under, expected) => {
    expect(await verdict(bundle.envelope, under)).toBe(expected);
  });

  test('a signature of another key that carries the name of the right one is refused', async () => {
    const [forged] = signed(text, other).signatures as [Envelope['signatures'][0]];
    expect(await verdict(withSignatures({ ...forged, keyid: signature.keyid }))).toBe('1 signature_wrong');
    expect(await verdict(withSignatures(forged))).toBe('1 key_mismatch');
  });
});

describe('the signature:', () => {
  test.each([
    ['none', withSignatures(), '1 malformed'],
    ['two', withSignatures(signature, signature), '1 malformed'],
    [
      'one more by another key',
      withSignatures(signature, signed(text, keyOf('b', 2)).signatures[0]),
      '1 malformed',
    ],
    ['empty', withSig(''), '1 malformed'],
    ['63 bytes', withSig(Buffer.from(signature.sig, 'base64').subarray(1).toString('base64')), '1 malformed'],
    ['with s + L for s', withSig(malleated()), '1 signature_wrong'],
    ['of zeros', withSig(Buffer.alloc(64).toString('base64')), '1 signature_wrong'],
    ['over the payload without its type', signedBare(), '1 signature_wrong'],
    ['over another type', signed(text, key, 'application/vnd.in-toto+json'), '1 signature_wrong'],
    ['with stray bits', withSig(withStrayBits(signature.sig)), '1 malformed'],
    ['without padding', withSig(signature.sig.replace(/=+$/, '')), '1 malformed'],
    [
      'in URL-safe base64',
      withSig(Buffer.from(signature.sig, 'base64').toString('base64url')),
      '1 malformed',
    ],
  ])('%s is refused', async (_, envelope, expected) => {
    expect(await verdict(envelope)).toBe(expected);
  });

  function signedBare(): Envelope {
    const sig = Buffer.from(key.sign(Buffer.from(text))).toString('base64');
    return { ...bundle.envelope, signatures: [{ ...signature, sig }] };
  }
});

describe('the payload:', () => {
  const spaced = `${text} `.length % 3 === 0 ? `${text}  ` : `${text} `;
  const padded = signed(spaced).payload;
  test.each([
    ['with a line break in it', withPayload(`${payload.slice(0, 76)}\n${payload.slice(76)}`), '1 malformed'],
    ['with padding more than it needs', withPayload(`${payload.replace(/=+$/, '')}====`), '1 malformed'],
    ['with stray bits', { ...signed(spaced), payload: withStrayBits(padded) }, '1 malformed'],
    ['in URL-safe base64', withPayload(`${payload.slice(0, -4)}_-_-`), '1 malformed'],
    [
      'of another decision',
      withPayload(bundleOf(baseDecisions[1] as BaseDecision, 1).envelope.payload),
      '1 signature_wrong',
    ],
  ])('%s is refused', async (_, envelope, expected) => {
    expect(await verdict(envelope)).toBe(expected);
  });

  const { type, id, ...rest } = base.certificate;
  test.each([
    ['white space after it', `${text}\n`, '1 not_canonical'],
    ['white space within', JSON.stringify(JSON.parse(text), undefined, 1), '1 not_canonical'],
    ['keys in another order', JSON.stringify({ type, ...rest, id }), '1 not_canonical'],
    [
      'an escape that is not needed',
      text.replace('"caio/certificate/v1"', '"caio\\/certificate/v1"'),
      '1 not_canonical',
    ],
    ['a key twice', text.replace('"time":', '"time":1,"time":'), '1 malformed'],
    ['a number with a fraction', text.replace('"seed":42', '"seed":42.0'), '1 malformed'],
    ['a number with an exponent', text.replace('"seed":42', '"seed":4.2e1'), '1 malformed'],
    ['a number beyond 2^53', text.replace('"seed":42', '"seed":9007199254740993'), '1 malformed'],
    ['minus zero', text.replace('"kappa_ppm":0', '"kappa_ppm":-0'), '1 malformed'],
    ['a byte order mark', `\ufeff${text}`, '1 malformed'],
    ['text after it', `${text}{}`, '1 malformed'],
    ['a lone surrogate', text.replace('"caio"', '"\\ud800"'), '1 malformed'],
    [
      'a prototype',
      text.replace('"type":"caio/certificate/v1"', '"__proto__":{},"type":"caio/certificate/v1"'),
      '1 malformed',
    ],
    ['nothing in it', '', '1 malformed'],
    ['bytes that are no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), '1 malformed'],
  ])('signed by the right key but with %s, it is refused', async (_, changed, expected) => {
    expect(changed).not.toBe(text);
    expect(await verdict(signed(changed))).toBe(expected);
  });
});

describe('the level:', () => {
  test.each(['constructor', 'toString', 'hasOwnProperty', 0, 4, '1', null])(
    '%j is none, whatever else the bundle holds',
    async (level) => {
      const envelope = withSignatures(signature, signature);
      const report = await verify(canonicalText({ ...bundle, level, envelope }), {
        key: verifierKey,
        level: 1,
      });
      expect(verdictOf(report)).toBe('1 malformed');
    },
  );

  test('a bundle of level 1 does not pass for more', async () => {
    const report = await verify(canonicalText(bundle), { key: verifierKey, level: 3 });
    expect(report).toMatchObject({ holds: false, level: 1 });
    expect(verdictOf(report)).toBe('2 level_not_packed');
  });

  test('one of level 2 does not pass for level 3', async () => {
    const report = await verify(canonicalText(bundleOf(base, 2)), { key: verifierKey, level: 3 });
    expect(report).toMatchObject({ holds: false, level: 2 });
    expect(verdictOf(report)).toBe('3 level_not_packed');
  });

  test.each(['', '{}', '[]', 'null', '"x"', '{"level":1}', '{"level":"__proto__"}', '['.repeat(100_000)])(
    'what is no bundle is malformed: %#',
    async (input) => {
      expect(verdictOf(await verify(input, { key: verifierKey }))).toBe('1 malformed');
    },
  );
});
