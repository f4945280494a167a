import type { Digest } from '../kernel/digest.js';

/** Beyond this many the recent ones join the others: a change copies no more than these. */
const mostRecent = 256;

/** An immutable map of `id@version` to digest that grows by one in constant time, amortised. */
export class KnownVersions {
  private readonly settled: ReadonlyMap<string, Digest>;
  private readonly recent: ReadonlyMap<string, Digest>;

  constructor(settled: ReadonlyMap<string, Digest>, recent: ReadonlyMap<string, Digest>) {
    this.settled = settled;
    this.recent = recent;
  }

  get(key: string): Digest | undefined {
    return this.recent.get(key) ?? this.settled.get(key);
  }

  with(key: string, digest: Digest): KnownVersions {
    const recent = new Map(this.recent).set(key, digest);
    if (recent.size <= mostRecent) return new KnownVersions(this.settled, recent);
    return knownVersions(new Map([...this.settled, ...recent]));
  }

  entries(): readonly (readonly [string, Digest])[] {
    return [...this.settled, ...this.recent];
  }
}

export function knownVersions(all: ReadonlyMap<string, Digest>): KnownVersions {
  return new KnownVersions(all, new Map());
}

export const noVersions = knownVersions(new Map());
