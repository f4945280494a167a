import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/contracts/policy.js';
import type { Bindings } from '../../src/rules/closure.js';
import { compileCondition } from '../../src/rules/compile.js';
import { ruleEnvironment } from '../../src/rules/environment.js';
import { checkPolicy } from '../../src/rules/policy.js';
import { readsOf, rootOf } from '../../src/rules/reads.js';
import type { BoolExpression } from '../../src/rules/syntax/ast.js';
import { parseCondition } from '../../src/rules/syntax/lower.js';
import { bufbuild, celJs, reference, shown, verifier } from '../differential/rules-evaluators.js';
import { safeRange } from '../differential/rules-reference.js';
import { bindingsOf, conditions } from '../generators/cel.js';
import { testEnvironment } from '../generators/cel-environment.js';
import { seed } from '../support/seed.js';

const ruleVariables = ruleEnvironment({
  kind: 'struct',
  fields: { region: { type: { kind: 'string' }, optional: true } },
});

function parsed(source: string, environment = testEnvironment): BoolExpression {
  const result = parseCondition(source, environment);
  if (!result.ok) throw new Error(`${JSON.stringify(source)}: ${JSON.stringify(result.error)}`);
  return result.value;
}

function outcome(source: string, bindings: Bindings): string {
  return shown(compileCondition(parsed(source))(bindings));
}

function deeplyFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deeplyFrozen);
  return Object.freeze(value);
}

const tokens = /"(?:[^"\\]|\\.)*"|[A-Za-z_][\w.]*|\d+|&&|\|\||[=!<>]=|\s+|./gsu;
const strays = [
  ...'()[]{}.,?:!-+*/%<>=&|"\'\\\r\t\f#@`é',
  '\n',
  ' ',
  '😀',
  '\ud800',
  '//x\n',
  '"""',
  'r"',
  'in',
  '&&',
];
const words = [
  '0',
  '7',
  '- 1',
  '""',
  'true',
  'n',
  'a.n',
  'flag',
  'a.maybe',
  '==',
  '!=',
  '<',
  '>=',
  '+',
  '-',
  '&&',
  '||',
];

/** Valid sources with up to two tokens replaced, dropped, doubled, or put in. */
const nearlyCel = fc
  .tuple(
    conditions(testEnvironment, { depth: 2 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom('', ...words, ...words, ...strays)), {
      maxLength: 2,
    }),
  )
  .map(([source, edits]) => {
    const parts = source.match(tokens) ?? [];
    for (const [at, drop, insert] of edits) parts.splice(at % (parts.length + 1), drop, insert);
    return parts.join('');
  });

describe('parsing', () => {
  it('any text is a condition or a list of problems that lie within it, and never throws', () => {
    const seen = { accepted: 0, refused: 0 };
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), nearlyCel);
    fc.assert(
      fc.property(text, (source) => {
        const result = parseCondition(source, testEnvironment);
        seen[result.ok ? 'accepted' : 'refused'] += 1;
        if (result.ok) return;
        expect(result.error.length).toBeGreaterThan(0);
        const lines = source.split('\n');
        for (const { line = 0, column = 0, hint, message } of result.error) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? -1) + 1);
          expect(hint).not.toBe('');
          expect(message).not.toBe('');
        }
      }),
      { seed, numRuns: 3000 },
    );
    console.log(JSON.stringify(seen));
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(300);
  });

  it('what is accepted, however odd, means the same to the other evaluators', () => {
    let compared = 0;
    fc.assert(
      fc.property(nearlyCel, bindingsOf(testEnvironment), (source, bindings) => {
        const result = parseCondition(source, testEnvironment);
        if (!result.ok) return;
        const { outcome: ours, run } = reference(result.value, bindings, safeRange);
        expect([ours, source]).toEqual([shown(compileCondition(result.value)(bindings)), source]);
        expect([ours, source]).toEqual([verifier(source)(bindings), source]);
        // The parser of @bufbuild/cel knows comments only one at a time; we take them out before it.
        if (source.includes('//')) return;
        if (run.witnessed.beyondSafe > 0) return;
        compared += 1;
        expect([ours, source]).toEqual([celJs(source)(bindings), source]);
        expect([ours, source]).toEqual([bufbuild(source)(bindings), source]);
      }),
      { seed, numRuns: 3000 },
    );
    console.log(`compared ${compared}`);
    expect(compared).toBeGreaterThan(300);
  });
});

describe('evaluation', () => {
  const pair = fc.tuple(conditions(testEnvironment), conditions(testEnvironment));

  it('does not depend on the order of operands of && and ||', () => {
    fc.assert(
      fc.property(pair, bindingsOf(testEnvironment), ([a, b], bindings) => {
        for (const operator of ['&&', '||']) {
          const one = outcome(`(${a}) ${operator} (${b})`, bindings);
          expect(one).toBe(outcome(`(${b}) ${operator} (${a})`, bindings));
        }
      }),
      { seed, numRuns: 500 },
    );
  });

  it('obeys De Morgan, errors included', () => {
    fc.assert(
      fc.property(pair, bindingsOf(testEnvironment), ([a, b], bindings) => {
        expect(outcome(`!((${a}) && (${b}))`, bindings)).toBe(outcome(`!(${a}) || !(${b})`, bindings));
      }),
      { seed, numRuns: 500 },
    );
  });

  it('reads its bindings only, writes nothing, and answers the same twice', () => {
    fc.assert(
      fc.property(conditions(testEnvironment), bindingsOf(testEnvironment), (source, bindings) => {
        const condition = compileCondition(parsed(source));
        const first = condition(deeplyFrozen(bindings));
        expect(condition(bindings)).toBe(first);
        expect(shown(condition(JSON.parse(JSON.stringify(bindings))))).toBe(shown(first));
      }),
      { seed, numRuns: 1000 },
    );
  });

  it('depends on no variable outside what `reads` names', () => {
    const bindings = bindingsOf(ruleVariables);
    fc.assert(
      fc.property(conditions(ruleVariables), bindings, bindings, (source, here, there) => {
        const expression = parsed(source, ruleVariables);
        const roots = new Set(readsOf(expression).map(rootOf));
        const mixed = Object.fromEntries(
          Object.keys(ruleVariables).map((name) => [name, (roots.has(name) ? here : there)[name]]),
        );
        const condition = compileCondition(expression);
        expect(shown(condition(mixed))).toBe(shown(condition(here)));
      }),
      { seed, numRuns: 500 },
    );
  });
});

describe('a policy of random rules', () => {
  it('compiles, and a rule that reads the service only answers alike for every request', () => {
    const { service: _, ...requestVariables } = ruleVariables;
    const rules = fc.array(fc.tuple(conditions(requestVariables), conditions(ruleVariables)), {
      minLength: 1,
      maxLength: 5,
    });
    const bindings = bindingsOf(ruleVariables);
    let independent = 0;
    fc.assert(
      fc.property(rules, bindings, bindings, (pairs, here, there) => {
        const policy: Policy = {
          id: 'p',
          version: '1',
          context: {},
          rules: pairs.map(([when, require], index) => {
            return { id: `r${index}`, type: 'sla', when, require, reason: 'r', priority: 0 };
          }),
        };
        const checked = checkPolicy(policy, ruleVariables);
        if (!checked.ok) throw new Error(JSON.stringify(checked.error));
        for (const rule of checked.value.rules) {
          expect(rule.readsService).toBe(rule.reads.some((path) => rootOf(path) === 'service'));
          if (!rule.readsOnlyService) continue;
          independent += 1;
          const { service } = here;
          expect(rule.require({ ...there, service })).toBe(rule.require(here));
        }
      }),
      { seed, numRuns: 200 },
    );
    expect(independent).toBeGreaterThan(20);
  });
});
