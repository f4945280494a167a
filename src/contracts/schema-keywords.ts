import type { FuncKeywordDefinition, SchemaValidateFunction } from 'ajv';
import type { DataValidationCxt } from 'ajv/dist/types/index.js';
import type { SourceDocument } from '../kernel/json.js';
import { parseDecimal } from '../kernel/micro.js';
import { keyAlgorithm, parseVerifierKey } from '../kernel/verifier-key.js';
import { exactUnits } from './exact-units.js';
import type { ProblemCode } from './problem-codes.js';
import { parseTimestamp } from './timestamp.js';

/** What a keyword of ours reports; `at` is a pointer below the value that was checked. */
export interface Finding {
  readonly code: ProblemCode;
  readonly message: string;
  readonly at?: string;
  readonly hint?: string;
}

/**
 * `x-places: n` on a number: as written, it is an integer multiple of 10^-n with at most 2^53 − 1 such units (calculus §1). JSON Schema
 * sees doubles only, so 0.1000000000000000001 would pass without this.
 */
export const placesKeyword: FuncKeywordDefinition = {
  keyword: 'x-places',
  type: 'number',
  schemaType: 'number',
  errors: true,
  validate: reporting((document, places, value, pointer) => {
    const text = document.numberText(pointer) ?? String(value);
    const exact = parseDecimal(text, places as number);
    if (exact.ok) return [];
    if (exact.error === 'too_large') {
      return [{ code: 'number_out_of_range', message: 'the number is beyond what is counted exactly' }];
    }
    return [
      {
        code: 'number_too_fine',
        message: places === 0 ? 'expected an integer' : `the number has more than ${places} decimal places`,
      },
    ];
  }),
};

/** `x-check: name` on a list, an object or a text: one of the rules below. Values of the wrong shape are left to the other keywords. */
export const checkKeyword: FuncKeywordDefinition = {
  keyword: 'x-check',
  schemaType: 'string',
  errors: true,
  validate: reporting((document, name, value, pointer) =>
    checks[name as CheckName](value, document, pointer),
  ),
};

type CheckName = keyof typeof checks;
type Check = (value: unknown, document: SourceDocument, pointer: string) => readonly Finding[];

const checks = {
  verifier_key: (value) => {
    const key = typeof value === 'string' ? parseVerifierKey(value) : undefined;
    if (key === undefined) return [];
    if (key.ok && key.value.algorithm === keyAlgorithm.ed25519) return [];
    const message = key.ok ? 'the key is one that cosigns checkpoints' : key.error.message;
    return [{ code: 'key_wrong', message, hint: 'copy it whole, as caio key generate prints it' }];
  },
  ids_differ: (value) => repeatsOf(value, 'id'),
  services_differ: (value) => repeatsOf(value, 'service'),
  min_at_most_max: (value, document, pointer) => {
    const { min, max } = fieldsOf(value);
    if (typeof min !== 'number' || typeof max !== 'number') return [];
    const ordered =
      exactUnits(document, `${pointer}/min`, min, 6) <= exactUnits(document, `${pointer}/max`, max, 6);
    return ordered ? [] : [{ code: 'range_reversed', message: 'min is greater than max' }];
  },
  from_at_most_to: (value) => {
    const { from, to } = fieldsOf(value);
    if (typeof from !== 'number' || typeof to !== 'number' || from <= to) return [];
    return [{ code: 'range_reversed', at: '/from', message: 'from is greater than to' }];
  },
  not_before_precedes_expires: (value) => {
    const { not_before: start, expires: end } = fieldsOf(value);
    if (typeof start !== 'string' || typeof end !== 'string') return [];
    const first = parseTimestamp(start);
    const last = parseTimestamp(end);
    if (first === undefined || last === undefined || first < last) return [];
    return [{ code: 'range_reversed', at: '/expires', message: 'expires is not after not_before' }];
  },
  successes_at_most_trials: (value) => {
    const { successes, trials } = fieldsOf(value);
    if (typeof successes !== 'number' || typeof trials !== 'number' || successes <= trials) return [];
    return [
      { code: 'successes_exceed_trials', at: '/successes', message: 'there are more successes than trials' },
    ];
  },
  weights_sum_to_one: (value) => {
    const weights = Object.values(fieldsOf(value));
    let sum = 0;
    for (const weight of weights) {
      if (typeof weight !== 'number') return [];
      sum += Math.round(weight * 1e6);
    }
    if (sum === 1e6) return [];
    const message = `the weights sum to ${sum / 1e6}, not to 1`;
    return [{ code: 'weights_sum', message, hint: 'a weight that is left out is 0' }];
  },
} as const satisfies Readonly<Record<string, Check>>;

function repeatsOf(value: unknown, name: string): readonly Finding[] {
  if (!Array.isArray(value)) return [];
  const seen = new Set<string>();
  const findings: Finding[] = [];
  value.forEach((item: unknown, index) => {
    const id = fieldsOf(item)[name];
    if (typeof id !== 'string') return;
    if (seen.has(id))
      findings.push({ code: 'duplicate_id', at: `/${index}/${name}`, message: `the ${name} occurs before` });
    seen.add(id);
  });
  return findings;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : {};
}

/** A keyword's function as ajv wants it: `this` is the document, findings go out as errors with their pointers. */
function reporting(
  check: (document: SourceDocument, schema: unknown, value: unknown, pointer: string) => readonly Finding[],
): SchemaValidateFunction {
  const validate: SchemaValidateFunction = function (
    this: unknown,
    schema: unknown,
    value: unknown,
    _parent?: unknown,
    context?: DataValidationCxt,
  ): boolean {
    const pointer = context?.instancePath ?? '';
    const findings = check(this as SourceDocument, schema, value, pointer);
    if (findings.length === 0) return true;
    validate.errors = findings.map((finding) => ({
      keyword: 'x-finding',
      instancePath: pointer + (finding.at ?? ''),
      params: { finding },
      message: finding.message,
    }));
    return false;
  };
  return validate;
}
