import { describe, expect, it } from 'vitest';
import { pooledRandom } from '../../../src/server/random.js';

/** Draws that are told apart: bytes count up from one draw to the next. */
function counted() {
  let next = 0;
  let draws = 0;
  let pool: Uint8Array | undefined;
  const random = pooledRandom((into) => {
    draws += 1;
    pool = into;
    const words = new Uint32Array(into.buffer, into.byteOffset, into.byteLength >> 2);
    for (let i = 0; i < words.length; i += 1) words[i] = next++;
  });
  return { random, draws: () => draws, pool: () => pool };
}

describe('pooled randomness', () => {
  it('gives no byte twice, over many pools', () => {
    const { random, draws } = counted();
    const seen = new Set<string>();
    for (let n = 0; n < 3_000; n += 1) seen.add(Buffer.from(random(8)).toString('hex'));
    expect(seen.size).toBe(3_000);
    expect(draws()).toBe(Math.ceil((3_000 * 8) / 4096));
  });

  it('gives as many bytes as asked, none and more than the pool holds too', () => {
    const { random } = counted();
    for (const bytes of [0, 1, 7, 32, 4095, 4096, 4097, 10_000, 6]) expect(random(bytes)).toHaveLength(bytes);
  });

  it('keeps nothing of what it gave: the pool is overwritten, and what was given is its own', () => {
    const { random, pool } = counted();
    random(4);
    const given = Uint8Array.from(random(32));
    expect(given.some((byte) => byte !== 0)).toBe(true);
    expect([...(pool() as Uint8Array).subarray(0, 36)].every((byte) => byte === 0)).toBe(true);
    const mine = random(8);
    const before = Uint8Array.from(mine);
    for (let n = 0; n < 2_000; n += 1) random(8);
    expect(mine).toEqual(before);
  });

  it('is of the operating system where nothing else is said: no two pools are alike', () => {
    const first = Buffer.from(pooledRandom()(64)).toString('hex');
    expect(first).not.toBe('00'.repeat(64));
    expect(first).not.toBe(Buffer.from(pooledRandom()(64)).toString('hex'));
  });
});
