/**
 * The caller as proved by a credential. `subject` is sealed: it is committed to, never certified in the clear.
 * Read by rules as `user` (tenant, permissions, trust_level, method, issuer).
 */
export interface Caller {
  readonly method: 'api_key' | 'jwt' | 'local';
  readonly issuer: string;
  readonly audience: string;
  readonly key_id: string;
  /** Microseconds since the epoch; the credential holds for not_before ≤ t < expires. */
  readonly not_before: number;
  readonly expires: number;
  readonly tenant: string;
  readonly permissions: readonly string[];
  readonly trust_level: number;
}

export interface CallerDocument {
  readonly caller: Caller;
  readonly subject?: string;
}
