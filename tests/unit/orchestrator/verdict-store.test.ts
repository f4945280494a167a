import { expect, test } from 'vitest';
import { bitsetOf, fullBitset, positionsOf } from '../../../src/kernel/bitset.js';
import { readsBesideService, valuesKey } from '../../../src/orchestrator/read-values.js';
import { VerdictStore } from '../../../src/orchestrator/verdict-store.js';
import type { CompiledRule } from '../../../src/rules/policy.js';
import { policy, snapshotOf, state } from './world.js';

function rule(require: string): CompiledRule {
  const [compiled] = snapshotOf(state([], { policies: [policy('p', [{ id: 'r', when: 'true', require }])] }))
    .policies.rules;
  if (compiled === undefined) throw new Error('no rule');
  return compiled;
}
const plain = rule('service.zone == "x"');

/** Resolves all of `among`, returning which positions had to be evaluated. */
function evaluated(store: VerdictStore, key: string, among = fullBitset(4)): readonly number[] {
  const asked: number[] = [];
  const verdicts = store.of(plain, key);
  verdicts.resolve(among, (position) => {
    asked.push(position);
    return position === 1 ? 'violated' : position === 2 ? 'errored' : 'satisfied';
  });
  expect([...positionsOf(verdicts.violated)].every((position) => position === 1)).toBe(true);
  expect([...positionsOf(verdicts.errored)].every((position) => position === 2)).toBe(true);
  return asked;
}

test('a service is evaluated when it is first asked for, once for each set of values', () => {
  const store = new VerdictStore(4);
  expect(evaluated(store, 'a', bitsetOf(4, [1]))).toEqual([1]);
  expect(evaluated(store, 'a')).toEqual([0, 2, 3]);
  expect(evaluated(store, 'a')).toEqual([]);
  expect(evaluated(store, 'b')).toEqual([0, 1, 2, 3]);
});

test('of more than eight values those longest not asked for are forgotten', () => {
  const store = new VerdictStore(4);
  for (const key of 'abcdefgh') evaluated(store, key);
  expect(evaluated(store, 'a')).toEqual([]);
  expect(evaluated(store, 'i')).toHaveLength(4);
  expect(evaluated(store, 'a')).toEqual([]);
  expect(evaluated(store, 'h')).toEqual([]);
  expect(evaluated(store, 'b')).toHaveLength(4);
});

test('after a replacement only the replaced service is evaluated again, and the earlier store goes on', () => {
  const store = new VerdictStore(4);
  evaluated(store, 'a');
  const next = store.after([1], [plain]).after([], [plain]).after([3], [plain]);
  expect(evaluated(next, 'a')).toEqual([1, 3]);
  expect(evaluated(next, 'a')).toEqual([]);
  expect(evaluated(store, 'a')).toEqual([]);
  expect(evaluated(store.after([], []), 'a')).toHaveLength(4);
});

test('verdicts that nobody asks for are forgotten after 64 replacements instead of growing', () => {
  let store = new VerdictStore(4);
  evaluated(store, 'a');
  for (let i = 0; i < 64; i += 1) store = store.after([1], [plain]);
  expect(evaluated(store, 'a')).toEqual([1]);
  for (let i = 0; i < 65; i += 1) store = store.after([1], [plain]);
  expect(evaluated(store, 'a')).toEqual([0, 1, 2, 3]);
});

test.each([
  ['service.zone == "x"', []],
  ['service.zone == user.tenant', [['user', 'tenant']]],
  ['has(request.fallback.deadline_micros)', [['request', 'fallback', 'deadline_micros']]],
  [
    'request.requirements.capabilities.all(c, c.type == service.zone)',
    [['request', 'requirements', 'capabilities']],
  ],
  ['now > 5 && service.zone == "x"', undefined],
])('%s reads beside the service', (require, paths) => {
  const reads = readsBesideService(rule(require));
  expect(paths === undefined ? reads : [...new Set(reads?.map((path) => path.join('.')))]).toEqual(
    paths?.map((path) => path.join('.')),
  );
});

test('a key tells apart values, kinds of values, and where an absent value breaks off', () => {
  const paths = [['r', 'a', 'b']];
  const keys = [
    { r: {} },
    { r: { a: {} } },
    { r: { a: { b: 1 } } },
    { r: { a: { b: '1' } } },
    { r: { a: { b: ['1'] } } },
    { r: { a: { b: 'absent 2' } } },
  ].map((bindings) => valuesKey(paths, bindings, new Map()));
  expect(new Set(keys).size).toBe(keys.length);
});
