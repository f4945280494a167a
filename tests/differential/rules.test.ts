import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bindings } from '../../src/rules/closure.js';
import { compileExpression } from '../../src/rules/compile.js';
import { ruleEnvironment } from '../../src/rules/environment.js';
import { EvaluationError } from '../../src/rules/evaluation-error.js';
import type { Expression } from '../../src/rules/syntax/ast.js';
import { parseExpression } from '../../src/rules/syntax/lower.js';
import { partsOf } from '../../src/rules/syntax/measure.js';
import type { Environment } from '../../src/rules/syntax/types.js';
import { bindingsOf, expressions } from '../generators/cel.js';
import { testEnvironment } from '../generators/cel-environment.js';
import { seed } from '../support/seed.js';
import { bufbuild, celJs, engine, reference, verifier } from './rules-evaluators.js';
import { int64Range, safeRange } from './rules-reference.js';

const reach = new Map<string, number>();
const count = (what: string, times = 1) => reach.set(what, (reach.get(what) ?? 0) + times);

function parsed(source: string, environment: Environment): Expression {
  const result = parseExpression(source, environment);
  if (!result.ok) throw new Error(`${JSON.stringify(source)}: ${JSON.stringify(result.error)}`);
  return result.value;
}

function countNodes(node: Expression): void {
  count(`node ${node.kind}`);
  if (node.kind === 'arithmetic' || node.kind === 'comparison' || node.kind === 'equality') {
    count(`operator ${node.operator}`);
  }
  if (node.kind === 'int_literal') countMagnitude(node.value);
  for (const part of partsOf(node)) countNodes(part);
}

function countMagnitude(value: number): void {
  const magnitude = Math.abs(value);
  if (magnitude === 0) count('number 0');
  if (Math.abs(magnitude - 2 ** 32) <= 1) count('number near 2^32');
  if (magnitude >= 2 ** 53 - 2) count('number near 2^53');
}

type Engine = (expression: Expression) => (bindings: Bindings) => string;

/** All evaluators on one source, over several bindings; throws a replayable case where two disagree. */
function compare(
  source: string,
  environment: Environment,
  samples: readonly Bindings[],
  ours: Engine = engine,
): void {
  const expression = parsed(source, environment);
  countNodes(expression);
  const evaluators = {
    engine: ours(expression),
    verifier: verifier(source),
    bufbuild: bufbuild(source),
    celJs: celJs(source),
  };
  for (const bindings of samples) {
    count('cases');
    const safe = reference(expression, bindings, safeRange);
    const wide = reference(expression, bindings, int64Range);
    const { witnessed } = safe.run;
    const outcomes = {
      engine: evaluators.engine(bindings),
      verifier: evaluators.verifier(bindings),
      reference: safe.outcome,
      bufbuild: evaluators.bufbuild(bindings),
      celJs: evaluators.celJs(bindings),
      referenceAtInt64: wide.outcome,
    };
    expect(outcomes, JSON.stringify({ source, bindings })).toEqual({
      ...outcomes,
      engine: outcomes.reference,
      verifier: outcomes.reference,
      bufbuild: outcomes.referenceAtInt64,
      celJs: wide.run.witnessed.leastNegated > 0 ? outcomes.celJs : outcomes.referenceAtInt64,
    });
    if (witnessed.beyondSafe === 0) {
      count('compared directly');
      expect(outcomes.engine, JSON.stringify({ source, bindings })).toBe(outcomes.bufbuild);
    } else count('a result beyond 2^53');
    if (outcomes.engine !== outcomes.bufbuild) count('differs from int64, as it must');
    count(`outcome ${/^(?:true|false|error)$/.test(outcomes.engine) ? outcomes.engine : 'value'}`);
    for (const kind of new Set(witnessed.raised)) count(`raised ${kind}`);
    if (outcomes.engine === 'error') count(`ends in ${kindOf(expression, bindings)}`);
    if (witnessed.absorbed > 0) count('an error absorbed');
    if (witnessed.emptyLists > 0) count('an empty list');
  }
}

function kindOf(expression: Expression, bindings: Bindings): string {
  const value = compileExpression(expression)(bindings);
  return value instanceof EvaluationError ? value.kind : 'no error';
}

function property(environment: Environment, ours?: Engine) {
  const sources = fc.oneof(
    { weight: 6, arbitrary: expressions('bool', environment) },
    { weight: 1, arbitrary: expressions('int', environment) },
    { weight: 1, arbitrary: expressions('string', environment) },
  );
  const samples = fc.array(bindingsOf(environment), { minLength: 4, maxLength: 4 });
  return fc.property(sources, samples, (source, bindings) => compare(source, environment, bindings, ours));
}

/** Our evaluator with a fault: it runs a tree in which every `from` has become `to`. */
function planted(from: string, to: string): Engine {
  return (expression) => engine(JSON.parse(JSON.stringify(expression).replaceAll(from, to)));
}

describe('closures, the verifier, @bufbuild/cel, cel-js and the reference agree', () => {
  it('on expressions over an environment with one of everything', () => {
    fc.assert(property(testEnvironment), { seed, numRuns: 2500 });
  });

  it('on expressions over what rules really read', () => {
    const context = {
      region: { type: { kind: 'string' }, optional: true },
      urgent: { type: { kind: 'bool' }, optional: true },
      tags: { type: { kind: 'list', of: { kind: 'string' } }, optional: true },
    } as const;
    fc.assert(property(ruleEnvironment({ kind: 'struct', fields: context })), { seed, numRuns: 500 });
  });

  it('and the generators reached what they are for', () => {
    console.log(
      `seed ${seed}\n${[...reach]
        .sort()
        .map(([what, times]) => `${times} ${what}`)
        .join('\n')}`,
    );
    const least = (what: string, times: number) =>
      expect(reach.get(what) ?? 0, what).toBeGreaterThanOrEqual(times);
    least('cases', 12_000);
    least('compared directly', 10_000);
    for (const outcome of ['true', 'false', 'error', 'value']) least(`outcome ${outcome}`, 500);
    for (const kind of ['absent_field', 'division_by_zero', 'integer_overflow']) {
      least(`raised ${kind}`, 100);
      least(`ends in ${kind}`, 50);
    }
    for (const number of ['0', 'near 2^32', 'near 2^53']) least(`number ${number}`, 50);
    for (const what of ['an error absorbed', 'an empty list', 'a result beyond 2^53']) least(what, 100);
    least('differs from int64, as it must', 50);
    for (const kind of nodeKinds) least(`node ${kind}`, 50);
    for (const operator of ['+', '-', '*', '/', '%', '<', '<=', '>', '>=', '==', '!=']) {
      least(`operator ${operator}`, 50);
    }
  });

  it.each([
    ['"kind":"exists_one"', '"kind":"exists"'],
    ['"kind":"all"', '"kind":"exists"'],
    ['"operator":"<="', '"operator":"<"'],
    ['"operator":"/"', '"operator":"%"'],
    ['"kind":"or"', '"kind":"and"'],
    ['"kind":"has"', '"kind":"select"'],
  ])('and a planted fault is caught: %s taken for %s', (from, to) => {
    const { failed } = fc.check(property(testEnvironment, planted(from, to)), {
      seed,
      numRuns: 1000,
      endOnFailure: true,
    });
    expect(failed).toBe(true);
  });

  it('and a planted fault is caught: errors taken for false', () => {
    const lenient: Engine = (expression) => {
      const evaluate = engine(expression);
      return (bindings) => evaluate(bindings).replace(/^error$/, 'false');
    };
    const { failed } = fc.check(property(testEnvironment, lenient), {
      seed,
      numRuns: 1000,
      endOnFailure: true,
    });
    expect(failed).toBe(true);
  });
});

const nodeKinds: readonly Expression['kind'][] = [
  ...([
    'bool_literal',
    'int_literal',
    'string_literal',
    'list_literal',
    'variable',
    'element',
    'select',
  ] as const),
  ...(['has', 'not', 'negation', 'arithmetic', 'comparison', 'equality', 'membership', 'and', 'or'] as const),
  ...(['conditional', 'size', 'all', 'exists', 'exists_one'] as const),
];
