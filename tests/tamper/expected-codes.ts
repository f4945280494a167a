import type { VerificationReport } from '../../src/verifier/index.js';

/** "level code" of the first false thing; nothing where everything holds. */
export function verdictOf({ holds, levels }: VerificationReport): string {
  const last = levels.at(-1);
  return holds || last?.failure === undefined ? 'holds' : `${last.level} ${last.failure.code}`;
}

/** Pattern of JSON pointers (`*` a step, `**` any further steps) → the verdicts that a change there may meet, besides `1 malformed`. */
export type ExpectedCodes = readonly (readonly [pattern: string, verdicts: readonly string[]])[];

const malformedOnly: readonly string[] = [];

/** A certificate changed and signed again: what is in it is bound at level 1, by its evidence at 2, or by the whole state at 3. */
export const certificateCodes: ExpectedCodes = [
  ['', malformedOnly],
  ['/type', malformedOnly],
  ['/id', ['1 id_wrong']],
  ['/inputs', malformedOnly],
  ['/inputs/request/**', ['1 request_digest_wrong']],
  ['/inputs/request_digest', ['1 request_digest_wrong']],
  ['/inputs/caller/method', ['1 provenance_wrong']],
  ['/inputs/seed_origin', ['1 provenance_wrong']],
  ['/inputs/provenance/**', ['1 provenance_wrong']],
  ['/inputs/**', ['1 id_wrong']],
  ['/funnel/exclusions/*/code', ['2 funnel_wrong', '3 funnel_wrong']],
  ['/funnel/exclusions/*/ref', ['3 funnel_wrong']],
  ['/funnel/exclusions/*/sample/*', ['1 funnel_wrong', '3 funnel_wrong']],
  ['/funnel/**', ['1 funnel_wrong']],
  ['/rules/total', ['1 rules_wrong', '2 rules_wrong']],
  ['/rules/first/*', ['1 rules_wrong', '2 rules_wrong']],
  ['/rules/**', ['1 rules_wrong']],
  ['/ranking/considered', ['1 funnel_wrong']],
  ['/ranking/best', ['1 funnel_wrong', '1 ranking_wrong']],
  ['/ranking/best/*', ['1 funnel_wrong']],
  ['/ranking/best/*/service', ['1 ranking_wrong', '1 outcome_wrong', '3 ranking_wrong']],
  ['/ranking/best/*/version', ['1 outcome_wrong', '3 ranking_wrong']],
  ['/ranking/best/*/contract', ['1 outcome_wrong', '3 ranking_wrong']],
  ['/ranking/best/*/terms', ['1 ranking_wrong', '2 terms_wrong', '3 ranking_wrong']],
  ['/ranking/best/*/terms/*', ['1 ranking_wrong', '2 terms_wrong']],
  ['/ranking/best/*/total', ['1 ranking_wrong', '2 terms_wrong']],
  ['/ranking', malformedOnly],
  ['/outcome', malformedOnly],
  ['/outcome/decision', malformedOnly],
  ['/outcome/control/**', malformedOnly],
  ['/outcome/selected/**', ['1 outcome_wrong']],
  ['/outcome/chain', ['1 outcome_wrong']],
  ['/outcome/chain/*', ['1 outcome_wrong', '2 promise_wrong']],
  ['/outcome/chain/*/*', ['1 outcome_wrong']],
  ['/outcome/route_class', ['1 outcome_wrong']],
  ['/outcome/constraints/*', ['1 outcome_wrong', '2 constraint_values_wrong']],
  ['/outcome/constraints/*/*', ['1 outcome_wrong', '2 constraint_values_wrong']],
  ['/outcome/constraints', malformedOnly],
  ['/outcome/promise', malformedOnly],
  ['/outcome/promise/guarantees', ['1 outcome_wrong']],
  ['/outcome/promise/guarantees/**', ['1 outcome_wrong', '2 promise_wrong']],
  ['/outcome/promise/cost_micro_usd', ['1 outcome_wrong', '2 promise_wrong']],
  ['/outcome/promise/deadline_micros', ['1 outcome_wrong', '2 promise_wrong']],
  ['/outcome/promise/**', ['2 promise_wrong']],
  ['/outcome/step', ['1 outcome_wrong']],
  ['/outcome/nearest', ['1 funnel_wrong', '1 outcome_wrong']],
  ['/outcome/nearest/*', ['1 funnel_wrong']],
  ['/outcome/nearest/*/service', ['1 outcome_wrong', '3 outcome_wrong']],
  ['/outcome/nearest/*/step', ['1 outcome_wrong']],
  ['/outcome/nearest/*/lacked/**', ['2 outcome_wrong', '3 outcome_wrong']],
  ['/proofs/**', ['1 statements_wrong']],
];

const envelopeCodes: ExpectedCodes = [
  ['', malformedOnly],
  ['/type', malformedOnly],
  ['/level', malformedOnly],
  ['/envelope/payload', ['1 signature_wrong']],
  ['/envelope/signatures/*/keyid', ['1 key_mismatch']],
  ['/envelope/**', malformedOnly],
];

const commonCodes: ExpectedCodes = [
  ...envelopeCodes,
  ['/parameters/**', ['2 parameters_digest_wrong']],
  ['/policies/**', ['2 policies_root_wrong']],
];

/** What a bundle of level 2 adds to the envelope: each document is held to a digest of the certificate, each proof to a root. */
export const levelTwoCodes: ExpectedCodes = [
  ...commonCodes,
  ['/members', ['2 member_mismatch']],
  ['/members/*', ['2 member_mismatch']],
  ['/members/*/contract/**', ['2 registry_root_wrong']],
  ['/members/*/inclusion/**', ['2 registry_root_wrong']],
  ['/members/*/history/row/**', ['2 history_root_wrong', '2 member_mismatch']],
  ['/members/*/history/**', ['2 history_root_wrong']],
  ['/members/*/availability/**', ['2 availability_root_wrong']],
];

/** Level 3 shows whole sets; what the chain rests on is already wrong at level 2. */
export const levelThreeCodes: ExpectedCodes = [
  ...commonCodes,
  ['/contracts/**', ['2 member_mismatch', '3 registry_root_wrong']],
  ['/history/**', ['2 terms_wrong', '3 history_root_wrong']],
  ['/availability/**', ['3 availability_root_wrong']],
];

/**
 * Levels 4 and 5 add the record. Entry and certificate together are the leaf, so any change of either leads to another root; a proof is a text, of which
 * these changes leave no form at all (record.test.ts changes every character of it).
 */
const recordCodes: ExpectedCodes = [
  ['/record', malformedOnly],
  ['/record/entry', malformedOnly],
  ['/record/entry/time', ['4 inclusion_wrong']],
  ['/record/entry/attempt', ['4 inclusion_wrong']],
  ['/record/entry/attempt/**', ['4 record_wrong']],
];
export const levelFourCodes: ExpectedCodes = [
  // Of one shape with level 5: a bundle is held to what it says it is.
  ['/level', ['5 too_few_witnesses']],
  ...levelThreeCodes,
  ...recordCodes,
  ['/record/proof', ['4 proof_malformed', '4 note_malformed']],
];

/** Changes that give a value of another kind, or a member that no document has: never well-formed. */
const otherKinds = new Set(['null', 'number', 'as text', 'unknown member', 'list', 'object']);

/** Compares verdicts with a table, and remembers which of its rows were met, so that the table cannot promise more than was seen. */
export class CodeTable {
  readonly met = new Map<string, number>();

  constructor(private readonly codes: ExpectedCodes) {}

  /** The verdicts that a change may meet. */
  expected(path: string, change: string): readonly string[] {
    const row = this.codes.find(([pattern]) => matches(pattern, path));
    if (row === undefined) return ['no row of the table'];
    const anyKind = /\/context($|\/)|\/parameters\/\w+$/.test(path);
    return otherKinds.has(change) && !anyKind ? ['1 malformed'] : ['1 malformed', ...row[1]];
  }

  meet(path: string, verdict: string): void {
    const row = this.codes.find(([pattern]) => matches(pattern, path));
    const key = `${row?.[0]} ${verdict}`;
    this.met.set(key, (this.met.get(key) ?? 0) + 1);
  }

  /** Verdicts of the table that no change met. */
  unmet(): string[] {
    const promised = this.codes.flatMap(([pattern, verdicts]) =>
      verdicts.map((code) => `${pattern} ${code}`),
    );
    return promised.filter((key) => !this.met.has(key));
  }
}

function matches(pattern: string, path: string): boolean {
  const source = pattern.replaceAll('/**', '(?:/.+)?').replaceAll(/\/\*(?!\))/g, '/[^/]+');
  return new RegExp(`^${source}$`).test(path);
}
