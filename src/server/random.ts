import { randomFillSync } from 'node:crypto';

const poolBytes = 4096;

/**
 * Random bytes of the operating system, drawn many at once: a draw costs a call of the system however few bytes it is for, and a request makes several. No
 * byte is given out twice, and none stays behind in the pool. More than a pool holds is drawn for itself.
 */
export function pooledRandom(
  draw: (into: Uint8Array) => void = (into) => void randomFillSync(into),
): (bytes: number) => Uint8Array {
  const pool = new Uint8Array(poolBytes);
  let at = poolBytes;
  return (bytes) => {
    if (bytes > poolBytes) {
      const own = new Uint8Array(bytes);
      draw(own);
      return own;
    }
    if (at + bytes > poolBytes) {
      draw(pool);
      at = 0;
    }
    const given = pool.slice(at, at + bytes);
    pool.fill(0, at, at + bytes);
    at += bytes;
    return given;
  };
}
