import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Bindings } from '../../../src/rules/closure.js';
import { parseCondition } from '../../../src/rules/syntax/lower.js';
import type { Environment } from '../../../src/rules/syntax/types.js';
import { bufbuild, celJs, engine, reference, verifier } from '../../differential/rules-evaluators.js';
import { safeRange } from '../../differential/rules-reference.js';

function vectors<Case>(name: string): { readonly environment: Environment; readonly cases: readonly Case[] } {
  return JSON.parse(readFileSync(new URL(`../../vectors/cel/${name}.json`, import.meta.url), 'utf8'));
}

interface Evaluation {
  readonly source: string;
  readonly bindings: Bindings;
  readonly expected: boolean | 'error';
  readonly why: string;
}

describe('known evaluations', () => {
  const { environment, cases } = vectors<Evaluation>('evaluation');

  it.each(cases)('$source is $expected: $why', ({ source, bindings, expected }) => {
    const parsed = parseCondition(source, environment);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    const { outcome, run } = reference(parsed.value, bindings, safeRange);
    expect(engine(parsed.value)(bindings)).toBe(String(expected));
    expect(outcome).toBe(String(expected));
    expect(verifier(source)(bindings)).toBe(String(expected));
    // Where the range decides, CEL implementations have another answer.
    if (run.witnessed.beyondSafe > 0) return;
    expect(bufbuildOf(source)(bindings)).toBe(String(expected));
    expect(celJs(source)(bindings)).toBe(String(expected));
  });

  /** Its parser knows neither two comments in a row nor one at the end; lowering takes them out before it. */
  const bufbuildOf = (source: string) => bufbuild(source.replace(/\/\/ (?:first|second|last)/g, ''));
});

interface Refusal {
  readonly source: string;
  readonly code: string;
  readonly why: string;
}

describe('known refusals', () => {
  const { environment, cases } = vectors<Refusal>('refusals');

  it.each(cases)('$source: $why', ({ source, code }) => {
    const parsed = parseCondition(source, environment);
    expect(parsed.ok ? 'accepted' : parsed.error[0]?.code).toBe(code);
  });
});
