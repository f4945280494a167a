import { describe, expect, it } from 'vitest';
import { breakerAuthor, streakOf } from '../../../src/log/breaker.js';
import { type AvailabilityPut, entryType, type LogEntry } from '../../../src/log/entry.js';
import { type Folded, fold } from '../../../src/log/fold.js';
import { author, contractPut, genesis, outcome } from './entries.js';

const begun = {
  ...genesis,
  parameters: { ...genesis.parameters, breaker: { failures: 3, cooldown_micros: 100 } },
};

function foldAll(...entries: LogEntry[]): Folded {
  return entries.reduce<Folded | undefined>(fold, undefined) as Folded;
}

const put = (state: AvailabilityPut['state'], time: number, by = breakerAuthor): AvailabilityPut => ({
  type: entryType,
  kind: 'availability.put',
  time,
  author: by,
  service: 'a',
  state,
  reason: '',
});
const failed = outcome('a', 'failed');
const failures = (count: number) => Array.from({ length: count }, () => failed);
const streak = (...entries: LogEntry[]) =>
  streakOf(foldAll(begun, contractPut('a'), ...entries).breakers, 'a');

describe('the breaker of a service', () => {
  it('counts failures in a row; an answer ends the row, and nothing else that a call can come to', () => {
    expect(streak(...failures(2))).toBe(2);
    expect(streak(...failures(2), outcome('b', 'answered'))).toBe(2);
    expect(
      streak(failed, outcome('a', 'rejected'), outcome('a', 'aborted'), outcome('a', 'not_sent'), failed),
    ).toBe(2);
    expect(streak(...failures(2), outcome('a', 'answered'), failed)).toBe(1);
  });

  it('begins anew with another contract', () => {
    expect(streak(...failures(2), contractPut('a', '2.0.0'), failed)).toBe(1);
  });

  it('holds the service out at that many failures, not before', () => {
    const before = foldAll(begun, contractPut('a'), ...failures(2));
    expect(() => fold(before, put('held_out', 9))).toThrow(/may not/);
    const after = [failed, put('held_out', 9)].reduce<Folded>(fold, before);
    expect(after.state.availability).toEqual([{ service: 'a', state: 'held_out', reason: '' }]);
    expect(after.breakers.heldOut.get('a')).toBe(9);
    expect(() => fold(after, put('held_out', 10))).toThrow(/may not/);
  });

  it('lets it in again after the cooldown, and then one failure is enough', () => {
    const heldOut = foldAll(begun, contractPut('a'), ...failures(3), put('held_out', 9));
    expect(() => fold(heldOut, put('available', 108))).toThrow(/may not/);
    const released = fold(heldOut, put('available', 109));
    expect(released.state.availability).toEqual([]);
    expect(() => fold(released, put('held_out', 110))).toThrow(/may not/);
    expect([failed, put('held_out', 110)].reduce<Folded>(fold, released).state.availability).toHaveLength(1);
  });

  it('never lifts what an operator put, also over a row of its own', () => {
    for (const state of ['disabled', 'held_out'] as const) {
      const operators = foldAll(begun, contractPut('a'), ...failures(3), put(state, 9, author));
      expect(() => fold(operators, put('held_out', 10))).toThrow(/may not/);
      expect(() => fold(operators, put('available', 1e6))).toThrow(/may not/);
      const over = foldAll(
        begun,
        contractPut('a'),
        ...failures(3),
        put('held_out', 9),
        put(state, 10, author),
      );
      expect(() => fold(over, put('available', 1e6))).toThrow(/may not/);
    }
  });

  it('may do nothing else, and nothing at all without parameters or for a service that is gone', () => {
    const tripped = foldAll(begun, contractPut('a'), ...failures(3));
    expect(() => fold(tripped, put('disabled', 9))).toThrow(/may not/);
    expect(() => fold(foldAll(genesis, contractPut('a'), ...failures(3)), put('held_out', 9))).toThrow(
      /may not/,
    );
    const remove = { type: entryType, kind: 'contract.remove', time: 9, author, service: 'a' } as const;
    expect(() => fold(fold(tripped, remove), put('held_out', 9))).toThrow(/may not/);
    const heldOut = fold(tripped, put('held_out', 9));
    const back = [remove, contractPut('a')].reduce<Folded>(fold, heldOut);
    expect(back.breakers.heldOut.size).toBe(0);
    expect(() => fold(back, put('available', 1e6))).toThrow(/may not/);
  });

  it('goes on holding out a service that gets another contract, until the cooldown ends', () => {
    const heldOut = foldAll(
      begun,
      contractPut('a'),
      ...failures(3),
      put('held_out', 9),
      contractPut('a', '2.0.0'),
    );
    expect(heldOut.state.availability).toHaveLength(1);
    expect(fold(heldOut, put('available', 109)).state.availability).toEqual([]);
  });

  it('finds a service that an operator let in one failure away from being held out', () => {
    const entries = [...failures(3), put('held_out', 9), put('available', 10, author)];
    expect(streak(...entries)).toBe(2);
    expect(streak(...entries, failed)).toBe(3);
  });
});
