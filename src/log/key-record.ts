/**
 * An API key as the log knows it. The key itself (`caio_<id>_<secret>`) is shown once and never kept: `digest` is the SHA-256 of
 * its whole text in hex. Nothing here is personal: the subject is committed to, its opening lives off the log.
 */
export interface KeyRecord {
  readonly id: string;
  readonly digest: string;
  /** HMAC-SHA-256 in hex of the subject under a salt kept off the log; absent where the key names no subject. */
  readonly subject_commitment?: string;
  readonly label?: string;
  readonly tenant: string;
  readonly permissions: readonly string[];
  readonly trust_level: number;
  readonly scopes: readonly string[];
  /** Microseconds since the epoch; the key holds for not_before ≤ t < expires. */
  readonly not_before: number;
  readonly expires: number;
  /** `<name>+<hex8>+<base64>`: with it the holder of the key signs changes (log calculus section 6). */
  readonly verifier_key?: string;
}

/** A key in the state: revoked ones stay, so that what they did can still be told from what an unknown key did. */
export interface KeyState {
  readonly record: KeyRecord;
  /** Time of the revocation, microseconds since the epoch. */
  readonly revoked_at?: number;
}
