import type { Envelope } from '../contracts/bundle.js';
import type { Certificate } from '../contracts/certificate.js';
import { canonicalBytes } from '../kernel/canonical.js';
import { encodeUtf8 } from '../kernel/utf8.js';
import type { SigningKey } from './signing-key.js';

export const payloadType = 'application/vnd.caio.certificate+json';

/** The certificate's canonical bytes in a DSSE envelope with one Ed25519 signature over their PAE. Deterministic. */
export function signCertificate(certificate: Certificate, key: SigningKey): Envelope {
  const payload = canonicalBytes(certificate);
  const signature = key.sign(preAuthentication(payloadType, payload));
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ keyid: key.id, sig: Buffer.from(signature).toString('base64') }],
  };
}

/** DSSE v1 pre-authentication encoding: "DSSEv1" SP len(type) SP type SP len(body) SP body, lengths in bytes, decimal. */
export function preAuthentication(type: string, body: Uint8Array): Uint8Array {
  const head = encodeUtf8(`DSSEv1 ${encodeUtf8(type).length} ${type} ${body.length} `);
  return Buffer.concat([head, body]);
}
