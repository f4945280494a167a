import { utf8 } from '../verifier/canonical.js';
import { sha256, toHex } from '../verifier/sha256.js';

/** The decisions with the least draws so far, each `<draw> <index>`, sorted. Plain data. */
export interface Sample {
  drawn: readonly string[];
}

/**
 * Whether the decision at `index` is among the `size` least draws so far. The draw is H(seed, root, index): it is fixed once the root is, and
 * nobody who did not know the seed before could choose what is drawn. At the end the sample is the `size` least of all, a uniform one; the
 * others that were let in on the way, about size·ln(n/size), are checked too.
 */
export function draw(sample: Sample, size: number, seed: string, root: Uint8Array, index: number): boolean {
  const drawn = toHex(sha256(utf8(`caio/audit-sample/v1\n${seed}\n${toHex(root)}\n${index}\n`)));
  const last = sample.drawn[size - 1];
  if (size === 0 || (last !== undefined && drawn > last)) return false;
  sample.drawn = [...sample.drawn, `${drawn} ${index}`].sort().slice(0, size);
  return true;
}

/** n without fault: with confidence 99 % at most −ln 0.01 / n of all are wrong, in parts per million. */
export function sampleBoundPpm(size: number): number {
  return size === 0 ? 1_000_000 : Math.min(1_000_000, Math.ceil(4_605_171 / size));
}
