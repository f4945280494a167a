import { describe, expect, it } from 'vitest';
import { entryType, type LogEntry } from '../../../src/log/entry.js';
import { epochDigest, epochRows, type Folded, fold } from '../../../src/log/fold.js';
import { author, contractPut, decision, genesis, outcome, policy } from './entries.js';

const stamp = { type: entryType, time: 9, author } as const;

function foldAll(...entries: LogEntry[]): Folded {
  return entries.reduce<Folded | undefined>(fold, undefined) as Folded;
}

describe('the fold of the log', () => {
  it('begins with genesis, and with nothing else', () => {
    expect(foldAll(genesis).state).toMatchObject({ contracts: [], as_of: 1 });
    expect(() => foldAll(contractPut('a'))).toThrow(/begins with contract.put/);
    expect(() => foldAll(genesis, genesis)).toThrow(/second genesis/);
  });

  it('keeps services in order of id whatever order they were put in, and replaces by id', () => {
    const folded = foldAll(genesis, contractPut('b'), contractPut('a'), contractPut('b', '2.0.0'));
    expect(folded.state.contracts.map((item) => `${item.id}@${item.version}`)).toEqual([
      'a@1.0.0',
      'b@2.0.0',
    ]);
    expect([...folded.contractVersions.keys()]).toEqual(['b@1.0.0', 'a@1.0.0', 'b@2.0.0']);
  });

  it('sets as_of to the size after the last state entry, and events leave it', () => {
    const folded = foldAll(genesis, contractPut('a'), decision('d', 2), outcome('a', 'answered'));
    expect(folded.state.as_of).toBe(2);
    expect(folded.size).toBe(4);
  });

  it('drops the availability of a service with its contract, so that it comes back available', () => {
    const disable = {
      ...stamp,
      kind: 'availability.put',
      service: 'a',
      state: 'disabled',
      reason: 'test',
    } as const;
    expect(foldAll(genesis, contractPut('a'), disable).state.availability).toHaveLength(1);
    const enable = { ...disable, state: 'available' } as const;
    expect(foldAll(genesis, contractPut('a'), disable, enable).state.availability).toEqual([]);
    const remove = { ...stamp, kind: 'contract.remove', service: 'a' } as const;
    expect(foldAll(genesis, contractPut('a'), disable, remove, contractPut('a')).state.availability).toEqual(
      [],
    );
  });

  it('leaves earlier values as they were', () => {
    const before = foldAll(genesis, contractPut('a'));
    const copy = structuredClone(before);
    fold(before, { ...stamp, kind: 'policy.put', policy: policy('p') });
    fold(before, { ...stamp, kind: 'contract.remove', service: 'a' });
    fold(before, outcome('a', 'failed'));
    expect(before).toEqual(copy);
  });

  it('makes the table of an epoch from the outcomes before its end, aborted and rejected calls left out', () => {
    const events = [
      outcome('b', 'answered'),
      outcome('a', 'failed'),
      outcome('b', 'aborted'),
      outcome('b', 'rejected'),
      outcome('b', 'answered'),
      outcome('b', 'failed'),
    ];
    const before = foldAll(genesis, ...events);
    const rows = epochRows(before.trials, 6);
    expect(rows).toEqual([
      { service: 'a', trials: 1, successes: 0 },
      { service: 'b', trials: 2, successes: 2 },
    ]);
    const epoch = {
      type: entryType,
      kind: 'history.epoch',
      time: 9,
      epoch: 1,
      from: 0,
      to: 6,
      breaches: [],
    } as const;
    const after = fold(before, { ...epoch, digest: epochDigest(rows) });
    expect(after.state.history).toEqual({ from: 0, to: 6, rows });
    expect(epochRows(after.trials, 99)).toEqual([{ service: 'b', trials: 1, successes: 0 }]);
    expect(() => fold(before, { ...epoch, digest: '0'.repeat(64) })).toThrow(/digest/);
    expect(() => fold(before, { ...epoch, from: 1, digest: epochDigest(rows) })).toThrow(/epoch over/);
  });

  it('keeps revoked keys, with the time of the revocation', () => {
    const key = {
      id: 'k',
      digest: '0'.repeat(64),
      tenant: 'acme',
      permissions: [],
      trust_level: 0,
      scopes: ['decide'],
      not_before: 0,
      expires: 10,
    };
    const revoke = { ...stamp, kind: 'key.revoke', key: 'k' } as const;
    expect(foldAll(genesis, { ...stamp, kind: 'key.put', key }, revoke).keys.get('k')).toEqual({
      record: key,
      revoked_at: 9,
    });
    expect(() => foldAll(genesis, revoke)).toThrow(/never put/);
  });
});
