import { expect, test } from 'vitest';
import type { Contract } from '../../../src/contracts/contract.js';
import { contractDigest } from '../../../src/contracts/digests.js';
import { countBits, hasBit, positionsOf } from '../../../src/kernel/bitset.js';
import { setRoot } from '../../../src/kernel/merkle.js';
import { meetsCapability } from '../../../src/registry/capability-match.js';
import { matchingSource } from '../../../src/registry/matching-source.js';
import {
  buildRegistry,
  positionOf,
  putContract,
  type Registry,
  removeContract,
  updateRegistry,
} from '../../../src/registry/registry.js';
import { contract } from '../orchestrator/world.js';

function registry(...contracts: Contract[]): Registry {
  const built = buildRegistry(contracts, matchingSource);
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  return built.value;
}

function put(into: Registry, next: Contract): Registry {
  const result = putContract(into, next);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** Everything that a registry answers, so that two ways to one set of contracts can be compared. */
function answers({ contracts, set, index }: Registry) {
  return {
    ids: contracts.map(({ id, version }) => `${id}@${version}`),
    root: set.root,
    postings: Object.keys(matchingSource.families).map((family) =>
      index.keys(family).map((key) => [key, ...positionsOf(index.members(family, key))]),
    ),
    columns: Object.keys(matchingSource.columns).map((name) => [...index.column(name)]),
  };
}

const embed = (id: string, version = '1.0.0') =>
  contract(id, {
    version,
    capabilities: [{ type: 'embed', parameters: {} }],
    constraints: { refuses: ['phi'], max_input_tokens: 5 },
  });

test('contracts, set and positions are in code-point order of ids, and the root is that of the set', () => {
  const { contracts, set, index } = registry(contract('b'), contract('a.b'), contract('a-b'));
  expect(contracts.map(({ id }) => id)).toEqual(['a-b', 'a.b', 'b']);
  expect(set.root).toBe(setRoot(contracts.map((c) => ({ id: c.id, digest: contractDigest(c) }))));
  expect(index.size).toBe(3);
});

test('putting, replacing and removing come to the same as building anew, whatever was asked in between', () => {
  let changed = registry(contract('b'), contract('d'));
  changed.index.members('capability_type', 'chat');
  const earlier = changed;
  const before = answers(earlier);
  changed = put(changed, embed('a'));
  changed.index.members('capability_type', 'chat');
  changed.index.members('capability_type', 'embed');
  changed = put(changed, embed('d', '2.0.0'));
  changed = put(changed, contract('e'));
  changed.index.members('refuses', 'phi');
  changed = put(changed, contract('a', { version: '3.0.0' }));
  changed = removeContract(changed, 'b');
  const anew = registry(contract('e'), embed('d', '2.0.0'), contract('a', { version: '3.0.0' }));
  expect(answers(changed)).toEqual(answers(anew));
  expect(answers(earlier)).toEqual(before);
});

test('updating shares what is the same object and comes to the same as building anew', () => {
  const kept = Array.from({ length: 50 }, (_, i) => contract(`s${i}`));
  const first = registry(...kept, contract('x'));
  const few = [...kept.slice(1), embed('y')];
  const many = kept.map(({ id }) => embed(id, '2.0.0'));
  for (const contracts of [few, many, []]) {
    const updated = updateRegistry(first, contracts, matchingSource);
    if (!updated.ok) throw new Error(JSON.stringify(updated.error));
    expect(answers(updated.value)).toEqual(answers(registry(...contracts)));
  }
  const same = updateRegistry(first, [...kept, contract('x')], matchingSource);
  expect(same.ok && same.value.index).toBe(first.index);
});

test('a version never changes its content, not even after it was removed', () => {
  const first = registry(contract('a'));
  const other = contract('a', { zone: 'edge' });
  const conflict = [{ code: 'conflict', path: '/contracts/a/version' }];
  expect(putContract(first, other)).toMatchObject({ ok: false, error: conflict[0] });
  expect(putContract(removeContract(first, 'a'), other)).toMatchObject({ ok: false, error: conflict[0] });
  const many = Array.from({ length: 40 }, (_, i) => contract(`m${i}`));
  expect(updateRegistry(first, [other, ...many], matchingSource)).toMatchObject({
    ok: false,
    error: conflict,
  });
  expect(put(removeContract(first, 'a'), contract('a')).contracts).toHaveLength(1);
});

test('the same content again changes nothing; removing what is not there changes nothing', () => {
  const first = registry(contract('a'));
  expect(put(first, contract('a'))).toBe(first);
  expect(removeContract(first, 'b')).toBe(first);
});

test('one id twice is a problem with its path', () => {
  const twice = buildRegistry([contract('a'), contract('a', { version: '2' })], matchingSource);
  expect(twice).toMatchObject({ ok: false, error: [{ code: 'duplicate_id', path: '/contracts/a' }] });
});

test('a position is found for every id and for those that are not there', () => {
  const three = registry(contract('b'), contract('d'), contract('f'));
  expect(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => positionOf(three, id))).toEqual([
    0, 0, 1, 1, 2, 2, 3,
  ]);
});

test('replacing one of 10,000 touches one bit: the rest is shared', () => {
  const many = registry(
    ...Array.from({ length: 10_000 }, (_, i) => contract(`s${String(i).padStart(5, '0')}`)),
  );
  const chat = many.index.members('capability_type', 'chat');
  const next = put(many, embed('s05000', '2.0.0'));
  expect(next.index.column('max_output_tokens')).toBe(many.index.column('max_output_tokens'));
  expect(next.contracts[4_999]).toBe(many.contracts[4_999]);
  expect(countBits(next.index.members('capability_type', 'chat'))).toBe(9_999);
  expect(hasBit(next.index.members('capability_type', 'embed'), 5_000)).toBe(true);
  expect(countBits(chat)).toBe(10_000);
});

const offer = {
  type: 't',
  parameters: {
    set: ['a', 'b'],
    range: { min_micro: 1, max_micro: 9 },
    open: { min_micro: 5 },
    flag: true,
    off: false,
  },
};
test.each([
  ['a subset', { set: ['b'] }, true],
  ['the empty set', { set: [] }, true],
  ['a member that is not offered', { set: ['a', 'c'] }, false],
  ['a range at both ends', { range: { min_micro: 1, max_micro: 9 } }, true],
  ['a range beyond the end', { range: { min_micro: 1, max_micro: 10 } }, false],
  ['a range before the start', { range: { min_micro: 0 } }, false],
  ['a maximum below the offered minimum', { range: { max_micro: 0 } }, false],
  ['an end where none is offered', { open: { max_micro: 2 ** 50 } }, true],
  ['below an open range', { open: { max_micro: 4 } }, false],
  ['a flag', { flag: true }, true],
  ['a flag that is off', { off: true }, false],
  ['false, whatever is offered', { flag: false, set: false, absent: false }, true],
  ['an absent parameter', { absent: ['a'] }, false],
  ['an absent empty set', { absent: [] }, false],
  ['another kind', { set: { min_micro: 1 }, range: ['a'] }, false],
  ['a set where a flag is offered', { flag: ['a'] }, false],
  ['a range where a flag is offered', { flag: { min_micro: 0 } }, false],
  ['a name that every object has', { constructor: true }, false],
] as const)('a required parameter: %s', (_, parameters, met) => {
  expect(meetsCapability(offer, { type: 't', parameters })).toBe(met);
  expect(meetsCapability(offer, { type: 'u', parameters })).toBe(false);
});
