// Generated from notebooks/math/06_verification.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { fromBase64 } from './base64.js';
import type { Envelope } from './bundle.js';
import { utf8 } from './canonical.js';
import { expectSame, expectThat, Falsehood } from './falsehood.js';
import { concat, sha256, toHex } from './sha256.js';

/** A verifier key of a signed note: `name+hex8+base64(0x01 ‖ 32 bytes)`. */
export interface VerifierKey {
  readonly name: string;
  /** `name+hex8`, as an envelope names it. */
  readonly id: string;
  readonly publicKey: Uint8Array;
}

/**
 * Reads `name+hex8+base64`. The four bytes are SHA-256(name ‖ "\n" ‖ 0x01 ‖ key)[:4], so a key with another name or
 * another algorithm is another key (C2SP signed-note).
 */
export function parseVerifierKey(key: string): VerifierKey {
  const [, name, hash, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(key) ?? [];
  const bytes = encoded === undefined ? undefined : fromBase64(encoded);
  if (name === undefined || bytes?.length !== 33 || bytes[0] !== 1) {
    throw new Falsehood('key_malformed', '', 'expected a verifier key name+hash+base64 of an Ed25519 key');
  }
  const expected = toHex(sha256(concat([utf8(`${name}\n`), bytes])).subarray(0, 4));
  if (hash !== expected) {
    throw new Falsehood('key_malformed', '', `expected the key hash ${expected}, found ${hash}`);
  }
  return { name, id: `${name}+${hash}`, publicKey: bytes.slice(1) };
}

/** DSSE: "DSSEv1" SP length(type) SP type SP length(payload) SP payload, lengths in bytes as decimals. */
export function preAuthentication(payloadType: string, payload: Uint8Array): Uint8Array {
  return concat([utf8(`DSSEv1 ${utf8(payloadType).length} ${payloadType} ${payload.length} `), payload]);
}

/** The signed bytes of an envelope, once its one signature is that of the key. Ed25519 is Web Crypto's. */
export async function openEnvelope(envelope: Envelope, key: VerifierKey): Promise<Uint8Array> {
  const payload = fromBase64(envelope.payload);
  if (payload === undefined) {
    throw new Falsehood('malformed', '/envelope/payload', 'expected base64 as an encoder writes it');
  }
  const [signature] = envelope.signatures;
  expectSame('key_mismatch', '/envelope/signatures/0/keyid', key.id, signature?.keyid);
  const bytes = fromBase64(signature?.sig ?? '');
  if (bytes?.length !== 64) {
    throw new Falsehood('malformed', '/envelope/signatures/0/sig', 'expected base64 of 64 bytes');
  }
  const { subtle } = crypto;
  const publicKey = await subtle.importKey('raw', key.publicKey, 'Ed25519', false, ['verify']);
  const signed = preAuthentication(envelope.payloadType, payload);
  const good = await subtle.verify('Ed25519', publicKey, bytes, signed);
  expectThat(
    good,
    'signature_wrong',
    '/envelope/signatures/0/sig',
    `a signature of ${key.id} over the payload`,
  );
  return payload;
}
