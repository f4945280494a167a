import type { Identity } from '../identity/identity.js';

/** Requests a second on average and at once, for each credential and subject. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Seconds until the next request may come; 0 when this one may pass. */
export type RateLimiter = (identity: Identity, nowMicros: number) => number;

const mostBuckets = 10_000;

/**
 * A token bucket for each caller, in the memory of this process: several instances allow as many times more. The least recently used
 * bucket makes room for a new one, so that memory stays bounded; it can have been refilled by then.
 */
export function rateLimiter({ perSecond, burst }: Rate): RateLimiter {
  const buckets = new Map<string, { readonly tokens: number; readonly at: number }>();
  return ({ document: { caller, subject } }, now) => {
    const name = JSON.stringify([caller.method, caller.key_id, caller.tenant, subject ?? '']);
    const bucket = buckets.get(name) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) * perSecond) / 1e6);
    buckets.delete(name);
    buckets.set(name, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    if (buckets.size > mostBuckets) buckets.delete(buckets.keys().next().value as string);
    return tokens < 1 ? Math.max(1, Math.ceil((1 - tokens) / perSecond)) : 0;
  };
}
