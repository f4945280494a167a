import type { Certificate } from '../../src/contracts/certificate.js';
import { canonicalText } from '../../src/kernel/canonical.js';
import { packBundle } from '../../src/proofs/bundle.js';
import { signCertificate } from '../../src/proofs/envelope.js';
import { type SigningKey, signingKeyOf, verifierKeyOf } from '../../src/proofs/signing-key.js';
import { verify } from '../../src/verifier/index.js';
import type { World } from '../generators/decision.js';
import type { Answer } from './engine-verifier-answers.js';

const made = signingKeyOf('caio.example', new Uint8Array(32).fill(1));
if (!made.ok) throw new Error(made.error.message);
const key: SigningKey = made.value;

export interface BundleVerdict {
  readonly level: 1 | 2 | 3;
  /** `holds`, or the first false thing. */
  readonly verdict: string;
}

/** Packs each certificate of a world at each level as the engine's side does, and has the verifier read it. */
export async function bundleVerdicts(
  world: World,
  answers: readonly Answer[],
): Promise<readonly BundleVerdict[]> {
  const verdicts: BundleVerdict[] = [];
  for (const { certificate } of answers) {
    if (certificate === undefined) continue;
    for (const level of [2, 3] as const) {
      verdicts.push({ level, verdict: await verdictOn(world, certificate, level) });
    }
  }
  return verdicts;
}

async function verdictOn({ state }: World, certificate: Certificate, level: 2 | 3): Promise<string> {
  const bundle = packBundle(signCertificate(certificate, key), certificate, state, level);
  if (!bundle.ok) return JSON.stringify(bundle.error);
  const report = await verify(canonicalText(bundle.value), { key: verifierKeyOf(key) });
  return report.holds ? 'holds' : JSON.stringify(report.levels.at(-1)?.failure);
}
