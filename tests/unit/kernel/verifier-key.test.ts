import { expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../../src/kernel/base64.js';
import { isKeyName, keyHash, parseVerifierKey, verifyEd25519 } from '../../../src/kernel/verifier-key.js';

// RFC 8032 section 7.1, test 2.
const publicKey = Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex');
const signature = Buffer.from(
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  'hex',
);
const message = Buffer.of(0x72);

it('verifies as RFC 8032 does', () => {
  expect(verifyEd25519(publicKey, message, signature)).toBe(true);
  expect(verifyEd25519(publicKey, Buffer.of(0x73), signature)).toBe(false);
  for (let at = 0; at < signature.length; at += 1) {
    const other = Buffer.from(signature);
    other[at] = (other[at] as number) ^ 1;
    expect(verifyEd25519(publicKey, message, other)).toBe(false);
  }
});

it('is false, not thrown, for keys and signatures that cannot be', () => {
  expect(verifyEd25519(publicKey.subarray(1), message, signature)).toBe(false);
  expect(verifyEd25519(publicKey, message, signature.subarray(1))).toBe(false);
  expect(verifyEd25519(publicKey, message, Buffer.alloc(0))).toBe(false);
  for (const fill of [0x00, 0x02, 0x7f, 0xff]) {
    expect(verifyEd25519(Buffer.alloc(32, fill), message, signature)).toBe(false);
  }
});

it('tells names that fit a line from those that do not', () => {
  const good = ['a', 'caio.example/log1', 'küche', 'x'.repeat(255)];
  const bad = [
    '',
    'a b',
    'a+b',
    'a\n',
    'a\u2028',
    '\u00a0',
    'a\u0000',
    '\ud800',
    'x'.repeat(256),
    'é'.repeat(128),
  ];
  expect(good.filter((name) => !isKeyName(name))).toEqual([]);
  expect(bad.filter(isKeyName)).toEqual([]);
});

it('gives one key of two algorithms two hashes', () => {
  expect(keyHash('caio.example', 1, publicKey)).not.toBe(keyHash('caio.example', 4, publicKey));
});

it.each([
  ['nothing', ''],
  ['no hash', 'name'],
  [
    'another algorithm',
    `a+${keyHash('a', 1, publicKey)}+${encodeBase64(Buffer.concat([Buffer.of(2), publicKey]))}`,
  ],
  ['a key that is too short', `a+00000000+${encodeBase64(Buffer.of(1, 2, 3))}`],
  [
    'the hash of another name',
    `a+${keyHash('b', 1, publicKey)}+${encodeBase64(Buffer.concat([Buffer.of(1), publicKey]))}`,
  ],
  [
    'a hash in capitals',
    `a+${keyHash('a', 1, publicKey).toUpperCase()}+${encodeBase64(Buffer.concat([Buffer.of(1), publicKey]))}`,
  ],
])('refuses a verifier key with %s', (_, text) => {
  expect(parseVerifierKey(text)).toMatchObject({ ok: false, error: { code: 'key_invalid' } });
});

it('reads base64 only as it is written', () => {
  expect(decodeBase64('AQI=')).toEqual(Buffer.of(1, 2));
  expect(decodeBase64('')).toEqual(Buffer.alloc(0));
  for (const text of ['AQI', 'AQJ=', 'AQ I=', 'AQI=\n', 'AQ-_', '=', 'AQI==', 'é']) {
    expect(decodeBase64(text), text).toBeUndefined();
  }
});
