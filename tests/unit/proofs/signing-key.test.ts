import { createHash, createPublicKey, verify } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { preAuthentication, signCertificate } from '../../../src/proofs/envelope.js';
import {
  formatSigningKey,
  parseSigningKey,
  type SigningKey,
  signingKeyOf,
  verifierKeyOf,
} from '../../../src/proofs/signing-key.js';
import { contract, decided, state } from '../orchestrator/world.js';

// RFC 8032 section 7.1, test 2.
const seed = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex');
const publicKey = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
const signatureOf72 =
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';

function key(name = 'caio.example'): SigningKey {
  const made = signingKeyOf(name, seed);
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

test('signs as RFC 8032 does', () => {
  expect(Buffer.from(key().publicKey).toString('hex')).toBe(publicKey);
  expect(Buffer.from(key().sign(Buffer.of(0x72))).toString('hex')).toBe(signatureOf72);
});

test('is named by the hash of name, algorithm and public key', () => {
  const material = Buffer.concat([
    Buffer.from('caio.example\n\x01', 'latin1'),
    Buffer.from(publicKey, 'hex'),
  ]);
  const hash = createHash('sha256').update(material).digest('hex').slice(0, 8);
  expect(key().id).toBe(`caio.example+${hash}`);
  expect(verifierKeyOf(key())).toBe(
    `caio.example+${hash}+${Buffer.concat([Buffer.of(1), Buffer.from(publicKey, 'hex')]).toString('base64')}`,
  );
});

test('its text parses back to the same key', () => {
  const text = formatSigningKey(key());
  const parsed = parseSigningKey(` ${text}\n`);
  expect(parsed.ok && verifierKeyOf(parsed.value)).toBe(verifierKeyOf(key()));
});

test.each([
  ['nothing', ''],
  ['a verifier key', verifierKeyOf(key())],
  ['another hash', formatSigningKey(key()).replace(key().hash, '00000000')],
  ['another name', formatSigningKey(key()).replace('caio.example', 'caio.exampla')],
  ['another algorithm', formatSigningKey(key()).replace('+AU', '+AE')],
  ['cut material', formatSigningKey(key()).slice(0, -4)],
  ['material that is not canonical base64', `${formatSigningKey(key())}=`],
  ['no material', 'PRIVATE+KEY+name+00000000'],
])('refuses %s, without repeating the text', (_, text) => {
  const parsed = parseSigningKey(text);
  expect(parsed.ok).toBe(false);
  if (!parsed.ok) {
    expect(parsed.error.code).toBe('key_invalid');
    expect(JSON.stringify(parsed.error)).not.toContain(seed.toString('base64').slice(0, 20));
  }
});

test.each([[''], ['a b'], ['a+b'], ['a\nb'], ['x'.repeat(256)], ['\ud800']])(
  'refuses the name %j',
  (name) => {
    expect(signingKeyOf(name, seed).ok).toBe(false);
  },
);

test('refuses a seed of another size', () => {
  expect(signingKeyOf('name', seed.subarray(1)).ok).toBe(false);
});

test('printing or serialising a key shows no part of the seed', () => {
  const shown = [inspect(key(), { showHidden: true, depth: 9 }), JSON.stringify(key()), String(key())].join();
  expect(shown).not.toContain('4ccd089b');
  expect(shown).not.toContain(seed.toString('base64').slice(0, 8));
  expect(shown).not.toContain([...seed.subarray(0, 4)].join(','));
});

test('the pre-authentication encoding counts bytes', () => {
  // The example of the DSSE v1 protocol.
  const encoded = preAuthentication('http://example.com/HelloWorld', Buffer.from('hello world'));
  expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  expect(Buffer.from(preAuthentication('é', Buffer.from('ü'))).toString()).toBe('DSSEv1 2 é 2 ü');
});

test('an envelope holds the canonical certificate and a signature that its public key verifies', () => {
  const { certificate } = decided(state([contract('a')]));
  const envelope = signCertificate(certificate, key());
  const payload = Buffer.from(envelope.payload, 'base64');
  expect(JSON.parse(payload.toString())).toEqual(JSON.parse(JSON.stringify(certificate)));
  const [signature] = envelope.signatures;
  expect(signature?.keyid).toBe(key().id);
  const verifier = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey, 'hex').toString('base64url') },
    format: 'jwk',
  });
  const signed = Buffer.from(
    `DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${payload.length} `,
  );
  const bytes = Buffer.concat([signed, payload]);
  const signatureBytes = Buffer.from(signature?.sig ?? '', 'base64');
  expect(verify(null, bytes, verifier, signatureBytes)).toBe(true);
  expect(verify(null, Buffer.concat([bytes, Buffer.of(32)]), verifier, signatureBytes)).toBe(false);
});
