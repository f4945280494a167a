import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Certificate } from 'caio/sdk';
import type { WholeBundle } from './decision.js';

/**
 * What a dishonest operator can do: change a certificate and sign the lie with the real key. Nothing here is needed to run
 * or to verify CAIO.
 */
export function resign(
  bundleText: string,
  signingKey: string,
  change: (certificate: Mutable<Certificate>) => void,
): string {
  const { bundle, certificate } = opened(bundleText);
  change(certificate);
  const payload = Buffer.from(canonical(certificate));
  const { payloadType, signatures } = bundle.envelope;
  const sig = sign(null, preAuthentication(payloadType, payload), keyOf(signingKey)).toString('base64');
  const envelope = {
    payloadType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: signatures[0]?.keyid ?? '', sig }],
  };
  return JSON.stringify({ ...bundle, envelope });
}

/** The same change without the key: the old signature stays. */
export function forge(bundleText: string, change: (certificate: Mutable<Certificate>) => void): string {
  const { bundle, certificate } = opened(bundleText);
  change(certificate);
  const payload = Buffer.from(canonical(certificate)).toString('base64');
  return JSON.stringify({ ...bundle, envelope: { ...bundle.envelope, payload } });
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object ? Mutable<T[K]> : T[K] };

function opened(bundleText: string) {
  const bundle = JSON.parse(bundleText) as WholeBundle;
  const text = Buffer.from(bundle.envelope.payload, 'base64').toString('utf8');
  return { bundle, certificate: JSON.parse(text) as Mutable<Certificate> };
}

/** DSSE v1: what is signed. */
function preAuthentication(type: string, payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `),
    payload,
  ]);
}

/** From "PRIVATE+KEY+<name>+<id>+<base64(0x01 ‖ seed)>"; the prefix is PKCS #8 for Ed25519 (RFC 8410 §7). */
function keyOf(signingKey: string): KeyObject {
  const encoded = signingKey.trim().split('+').slice(4).join('+');
  const seed = Buffer.from(encoded, 'base64').subarray(1);
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' });
}

/** RFC 8785 for what certificates hold: integers, strings, booleans, and ASCII member names. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
