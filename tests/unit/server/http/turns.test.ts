import { describe, expect, it } from 'vitest';
import { takeTurns } from '../../../../src/server/http/turns.js';

const round = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Work that takes as long as its caller says, by a clock that nothing else moves. */
function workshop(slice: number) {
  let now = 0;
  const turn = takeTurns(() => now, slice);
  const done: number[] = [];
  const work = async (n: number, micros: number): Promise<void> => {
    await turn();
    now += micros;
    done.push(n);
  };
  return { work, done };
}

describe('turns', () => {
  it('are taken in the order in which they were asked for', async () => {
    const { work, done } = workshop(1_000);
    await Promise.all(Array.from({ length: 500 }, (_, n) => work(n, (n % 7) * 90)));
    expect(done).toEqual(Array.from({ length: 500 }, (_, n) => n));
  });

  it('follow one another for one slice, and then let the event loop go round', async () => {
    const { work, done } = workshop(1_000);
    const all = Promise.all(Array.from({ length: 100 }, (_, n) => work(n, 300)));
    const perRound: number[] = [];
    for (let before = 0; done.length < 100; before = done.length) {
      await round();
      perRound.push(done.length - before);
    }
    await all;
    expect(Math.max(...perRound)).toBeLessThanOrEqual(5);
    expect(perRound.filter((turns) => turns > 1).length).toBeGreaterThan(15);
  });

  it('come one a round when each takes longer than a slice', async () => {
    const { work, done } = workshop(1_000);
    const all = Promise.all(Array.from({ length: 10 }, (_, n) => work(n, 5_000)));
    let rounds = 0;
    while (done.length < 10) {
      await round();
      rounds += 1;
    }
    await all;
    expect(rounds).toBeGreaterThanOrEqual(10);
  });

  it('are had by all when there is always somebody waiting', async () => {
    const { work, done } = workshop(1_000);
    const asker = async (from: number): Promise<void> => {
      for (let n = from; n < from + 50; n += 1) await work(n, 100);
    };
    await Promise.all(Array.from({ length: 40 }, (_, a) => asker(a * 50)));
    expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2_000 }, (_, n) => n));
    // Nobody was passed over: each asker's k-th turn came before anybody's k+2nd.
    const turnOf = done.map((n) => n % 50);
    const lead = turnOf.map((k, i) => k - Math.min(...turnOf.slice(i)));
    expect(Math.max(...lead)).toBeLessThanOrEqual(1);
  });

  it('come again after a while in which nobody asked', async () => {
    const { work, done } = workshop(1_000);
    await work(0, 10);
    await round();
    await work(1, 10);
    await Promise.all([work(2, 10), work(3, 10)]);
    expect(done).toEqual([0, 1, 2, 3]);
  });
});
