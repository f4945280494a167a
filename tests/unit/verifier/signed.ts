// Signing and packing for the tests, by the project's own proofs.
import type { Bundle, Envelope } from '../../../src/contracts/bundle.js';
import type { Certificate } from '../../../src/contracts/certificate.js';
import type { State } from '../../../src/contracts/state.js';
import { packBundle } from '../../../src/proofs/bundle.js';
import { signCertificate } from '../../../src/proofs/envelope.js';
import { type SigningKey, signingKeyOf, verifierKeyOf } from '../../../src/proofs/signing-key.js';
import { type Level, type VerificationReport, verify } from '../../../src/verifier/index.js';

export function keyOf(name: string, byte: number): SigningKey {
  const key = signingKeyOf(name, new Uint8Array(32).fill(byte));
  if (!key.ok) throw new Error('a signing key for the tests');
  return key.value;
}

const key = keyOf('caio.example/tests', 5);
export const verifierKey = verifierKeyOf(key);

export function seal(certificate: Certificate): Envelope {
  return signCertificate(certificate, key);
}

export function pack(certificate: Certificate, state: State, level: 1 | 2 | 3): Bundle {
  const packed = packBundle(seal(certificate), certificate, state, level);
  if (!packed.ok) throw new Error('a bundle of an honest state');
  return packed.value;
}

export function check(bundle: unknown, level?: Level): Promise<VerificationReport> {
  return verify(JSON.stringify(bundle), { key: verifierKey, ...(level !== undefined && { level }) });
}

/** The code of the first false thing, with the level it was found at; `holds` when there is none. */
export function firstFalse(report: VerificationReport): string {
  const last = report.levels.at(-1);
  return last?.failure === undefined ? 'holds' : `${last.level} ${last.failure.code}`;
}
