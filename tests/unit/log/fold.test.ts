import { describe, expect, it } from 'vitest';
import { entryType, type LogEntry } from '../../../src/log/entry.js';
import { type Folded, fold } from '../../../src/log/fold.js';
import { author, contract, contractPut, decision, genesis, outcome, policy } from './entries.js';

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
    expect([...folded.contractVersions.keys()]).toEqual(['a@1.0.0', 'b@1.0.0', 'b@2.0.0']);
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
    const copy = JSON.stringify(before);
    fold(before, { ...stamp, kind: 'policy.put', policy: policy('p') });
    fold(before, { ...stamp, kind: 'contract.remove', service: 'a' });
    fold(before, outcome('a', 'failed'));
    expect(JSON.stringify(before)).toBe(copy);
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
    const put = { ...stamp, kind: 'key.put', key } as const;
    expect(() => foldAll(genesis, put, put)).toThrow(/put before/);
    expect(() => foldAll(genesis, put, revoke, revoke)).toThrow(/revoked twice/);
  });

  it('takes no entry that cannot stand', () => {
    const other = { ...contractPut('a'), contract: contract('a', '1.0.0', 'another text') };
    expect(() => foldAll(genesis, contractPut('a'), other)).toThrow(/a@1.0.0 with other content/);
    expect(foldAll(genesis, contractPut('a'), contractPut('a')).size).toBe(3);
    const remove = { ...stamp, kind: 'contract.remove', service: 'a' } as const;
    expect(() => foldAll(genesis, remove)).toThrow(/not there/);
    const removePolicy = { ...stamp, kind: 'policy.remove', policy: 'p' } as const;
    expect(() => foldAll(genesis, removePolicy)).toThrow(/not there/);
    const disable = { ...stamp, kind: 'availability.put', service: 'a', reason: '' } as const;
    expect(() => foldAll(genesis, { ...disable, state: 'disabled' })).toThrow(/not registered/);
    expect(() => foldAll(genesis, contractPut('a'), { ...disable, state: 'available' })).toThrow(/not there/);
  });
});
