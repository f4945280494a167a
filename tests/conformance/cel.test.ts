import { describe, expect, it } from 'vitest';
import { parseExpression } from '../../src/rules/syntax/lower.js';
import { engine } from '../differential/rules-evaluators.js';
import { type ConformanceCase, conformanceCases } from './cel-suite.js';

describe('the cel-spec conformance suite', () => {
  const outside = new Map<string, string[]>();
  const agreed: string[] = [];
  const disagreed: unknown[] = [];

  function run(test: ConformanceCase): void {
    const parsed = parseExpression(test.source, test.environment);
    if (!parsed.ok) {
      const [problem] = parsed.error;
      const inWords = problem?.message.replace(/^\w+\(…\)/, 'a function');
      put(problem?.code === 'not_in_fragment' && inWords ? inWords : (problem?.code ?? ''), test.name);
      return;
    }
    const outcome = engine(parsed.value)(test.bindings);
    if (outcome === String(test.expected)) agreed.push(test.name);
    else disagreed.push({ ...test, expected: String(test.expected), outcome });
  }

  function put(reason: string, name: string): void {
    outside.set(reason, [...(outside.get(reason) ?? []), name]);
  }

  for (const test of conformanceCases()) {
    if ('outside' in test) put(test.outside, test.name);
    else run(test);
  }

  it('has the outcome it states wherever it lies within the fragment', () => {
    const reasons = [...outside].sort(([, a], [, b]) => b.length - a.length);
    console.log(`within the fragment: ${agreed.length + disagreed.length}\noutside it:`);
    for (const [reason, names] of reasons) console.log(`${names.length} ${reason}`);
    expect(disagreed).toEqual([]);
    expect(agreed.length).toBeGreaterThanOrEqual(200);
  });
});
