// Generated from notebooks/math/06_verification.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { Bundle } from './bundle.js';
import { parseBundle } from './bundle.js';
import type { Certificate } from './certificate-document.js';
import { openEnvelope, parseVerifierKey } from './envelope.js';
import type { VerificationCode } from './falsehood.js';
import { Falsehood } from './falsehood.js';
import { checkArithmetic, readCertificate } from './level-one.js';
import { checkOptimal } from './level-three.js';
import { checkCorrect } from './level-two.js';

export { rederive, UnknownProfile } from './certificate.js';
export type { DecisionInputs } from './decision-inputs.js';
export { commitment } from './digest.js';
export type { VerificationCode } from './falsehood.js';

export type Level = 1 | 2 | 3;

export interface VerificationOptions {
  /** Verifier key, `name+hash+base64`, obtained from somewhere other than the bundle. */
  readonly key: string;
  /** Up to which level; else as far as the bundle goes. */
  readonly level?: Level;
}

export interface VerificationFailure {
  readonly code: VerificationCode;
  /** JSON pointer into the bundle (level 1 until the certificate is read, and its evidence) or the certificate. */
  readonly path: string;
  readonly message: string;
}

export interface LevelReport {
  readonly level: Level;
  readonly holds: boolean;
  readonly established: readonly string[];
  readonly failure?: VerificationFailure;
}

export interface VerificationReport {
  /** Every level that was asked for holds. */
  readonly holds: boolean;
  /** The highest that holds; 0 when none does. */
  readonly level: 0 | Level;
  /** In order, up to the first that does not hold. */
  readonly levels: readonly LevelReport[];
  /** What had to be taken on the operator's word. */
  readonly attested: readonly string[];
  /** Present once level 1 holds. */
  readonly certificate?: Certificate;
}

/**
 * Checks a bundle, level by level, and names the first thing that is false. Never throws for what a bundle holds: that
 * is not trusted, and whatever is wrong with it is an answer. Level 3 takes time in proportion to services × rules.
 */
export async function verify(
  input: Uint8Array | string,
  options: VerificationOptions,
): Promise<VerificationReport> {
  const levels: LevelReport[] = [];
  let certificate: Certificate | undefined;
  let wanted: Level = options.level ?? 1;
  try {
    const key = parseVerifierKey(options.key);
    const bundle = parseBundle(input);
    wanted = options.level ?? bundle.level;
    const read = readCertificate(await openEnvelope(bundle.envelope, key));
    checkArithmetic(read);
    certificate = read;
    levels.push({ level: 1, holds: true, established: establishedAtOne(key.id, read) });
    if (wanted >= 2) {
      checkCorrect(read, atLeast(bundle, 2));
      levels.push({ level: 2, holds: true, established: establishedAtTwo(read) });
    }
    if (wanted >= 3) {
      checkOptimal(read, atLeast(bundle, 3));
      levels.push({ level: 3, holds: true, established: establishedAtThree });
    }
  } catch (error) {
    if (!(error instanceof Falsehood)) throw error;
    const { code, path, message } = error;
    levels.push({
      level: (levels.length + 1) as Level,
      holds: false,
      established: [],
      failure: { code, path, message },
    });
  }
  const holding = levels.filter(({ holds }) => holds);
  return {
    holds: holding.length === wanted,
    level: holding.at(-1)?.level ?? 0,
    levels,
    attested: certificate === undefined ? [] : attestedInputs(certificate),
    ...(certificate !== undefined && { certificate }),
  };
}

function atLeast<Wanted extends 2 | 3>(
  bundle: Bundle,
  level: Wanted,
): Extract<Bundle, { level: Wanted | 3 }> {
  if (bundle.level >= level) return bundle as Extract<Bundle, { level: Wanted | 3 }>;
  const message = `expected a bundle of level ${level} or more, found level ${bundle.level}`;
  throw new Falsehood('level_not_packed', '/level', message);
}

function establishedAtOne(keyId: string, { id }: Certificate): string[] {
  return [
    `the certificate ${id} was signed by ${keyId}`,
    'its bytes are canonical, its fields known, its id and request digest those of its inputs',
    'its funnel, ranking, outcome and statements add up',
  ];
}

function establishedAtTwo({ outcome }: Certificate): string[] {
  const state = 'the parameters and all policies are those under the digests of the certificate';
  if (outcome.decision === 'refused')
    return [state, 'the recorded evidence about the caller, and which rules fired'];
  const members = outcome.chain.map(({ service }) => service).join(', ');
  return [
    state,
    `${members}: available, registered, and through authentication, matching, every rule, security and constraints`,
    'the terms and the total of the selected service, the chain, and that the promise is implied by its contracts',
  ];
}

const establishedAtThree: readonly string[] = [
  'the contracts, history and availability are the whole sets under the digests of the certificate',
  'every exclusion, count, rank, tie and statement was derived again from them: no admissible service ranks above the selected one',
];

const attestations: { readonly [pointer: string]: string } = {
  '/time': "the operator's clock",
  '/seed': 'drawn by the server',
  '/seed_origin': 'drawn by the server',
};

function attestedInputs({ inputs }: Certificate): string[] {
  const { method, key_id } = inputs.caller;
  return [
    ...inputs.provenance.attested.map((part) => {
      const why = attestations[part] ?? `the credential (${method}) was checked when it was presented`;
      return `/inputs${part}: ${why}`;
    }),
    ...(method === 'jwt'
      ? [`/inputs/caller: the signature of the token was checked under key ${key_id}`]
      : []),
    '/inputs/state: that it was the state at as_of, until the log is checked',
  ];
}
