// Generated from notebooks/math/06_verification.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { Bundle } from './bundle.js';
import { parseBundle } from './bundle.js';
import type { Certificate } from './certificate-document.js';
import { openEnvelope, parseVerifierKey } from './envelope.js';
import type { VerificationCode } from './falsehood.js';
import { Falsehood } from './falsehood.js';
import type { FoundRecord } from './level-four.js';
import { checkRecorded, checkWitnessed, checkWitnessKeys } from './level-four.js';
import { checkArithmetic, readCertificate } from './level-one.js';
import { checkOptimal } from './level-three.js';
import { checkCorrect } from './level-two.js';
import type { Signed } from './log-note.js';

export { rederive, UnknownProfile } from './certificate.js';
export type { DecisionInputs } from './decision-inputs.js';
export { commitment } from './digest.js';
export type { VerificationCode } from './falsehood.js';

export type Level = 1 | 2 | 3 | 4 | 5;

export interface VerificationOptions {
  /** Verifier key, `name+hash+base64`, obtained from somewhere other than the bundle. */
  readonly key: string;
  /** Up to which level; else as far as the bundle goes, and to 5 only where witnesses are given. */
  readonly level?: Level;
  /** Verifier keys of the witnesses that count, obtained from somewhere other than the bundle. */
  readonly witnesses?: readonly string[];
  /** How many of them must have cosigned, at least 1; else all. */
  readonly quorum?: number;
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
  /** Present once level 4 holds. */
  readonly record?: FoundRecord;
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
  let record: FoundRecord | undefined;
  let wanted: Level = options.level ?? 1;
  const { witnesses = [], quorum = witnesses.length } = options;
  const hold = (level: Level, established: readonly string[]) =>
    levels.push({ level, holds: true, established });
  try {
    const key = parseVerifierKey(options.key);
    await checkWitnessKeys(witnesses);
    const bundle = parseBundle(input);
    wanted = options.level ?? (bundle.level === 5 && witnesses.length === 0 ? 4 : bundle.level);
    const read = readCertificate(await openEnvelope(bundle.envelope, key));
    checkArithmetic(read);
    certificate = read;
    hold(1, establishedAtOne(key.id, read));
    if (wanted >= 2) {
      checkCorrect(read, atLeast(bundle, 2));
      hold(2, establishedAtTwo(read));
    }
    if (wanted >= 3) {
      checkOptimal(read, atLeast(bundle, 3));
      hold(3, establishedAtThree);
    }
    if (wanted >= 4) {
      record = await checkRecorded(read, atLeast(bundle, 4).record, options.key);
      hold(4, establishedAtFour(record));
    }
    if (wanted >= 5) {
      const packed = atLeast(bundle, 5).record;
      hold(5, establishedAtFive(await checkWitnessed(packed, options.key, witnesses, quorum)));
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
  const level = holding.at(-1)?.level ?? 0;
  return {
    holds: holding.length === wanted,
    level,
    levels,
    attested: certificate === undefined ? [] : attestedInputs(certificate, level),
    ...(certificate !== undefined && { certificate }),
    ...(record !== undefined && { record }),
  };
}

type BundleFrom<Wanted extends Level> = Exclude<
  Bundle,
  { level: Wanted extends 2 ? 1 : Wanted extends 3 ? 1 | 2 : Wanted extends 4 ? 1 | 2 | 3 : 1 | 2 | 3 | 4 }
>;

function atLeast<Wanted extends 2 | 3 | 4 | 5>(bundle: Bundle, level: Wanted): BundleFrom<Wanted> {
  if (bundle.level >= level) return bundle as BundleFrom<Wanted>;
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

function establishedAtFour({ origin, index, size }: FoundRecord): string[] {
  return [
    `the log ${origin} has the decision at index ${index}, behind the state it was made on`,
    `its operator has signed the root over ${size} entries under which it stands there`,
  ];
}

function establishedAtFive(cosigned: readonly Signed[]): string[] {
  return cosigned.map(
    ({ name, seconds }) =>
      `${name} has seen this checkpoint (at ${seconds} s since 1970, as it says) and no other history of the log`,
  );
}

const attestations: { readonly [pointer: string]: string } = {
  '/time': "the operator's clock",
  '/seed': 'drawn by the server',
  '/seed_origin': 'drawn by the server',
};

function attestedInputs({ inputs }: Certificate, level: 0 | Level): string[] {
  const { method, key_id } = inputs.caller;
  return [
    ...inputs.provenance.attested.map((part) => {
      const why = attestations[part] ?? `the credential (${method}) was checked when it was presented`;
      return `/inputs${part}: ${why}`;
    }),
    ...(method === 'jwt'
      ? [`/inputs/caller: the signature of the token was checked under key ${key_id}`]
      : []),
    `/inputs/state: that it was the state at as_of, until the log is ${level < 4 ? 'checked' : 'audited'}`,
    ...(level === 4
      ? ['/record/proof: that everybody is shown this log, until witnesses have cosigned it']
      : []),
    ...(level === 5 ? ['/record/proof: that the witnesses are not the operator'] : []),
  ];
}
