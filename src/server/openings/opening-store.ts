import type { Classification } from '../../contracts/request.js';

/** What opens one commitment: the salt in hex (configs/schemas/salts.schema.json) and, where it is kept, the value. */
export interface Opening {
  readonly salt: string;
  readonly value?: unknown;
}

/** By the names of sealed values (master calculus, section 1): `request.subject`, `context.<field>`, `payload`, `result.<rank>`… */
export interface NamedOpenings {
  readonly [name: string]: Opening;
}

export interface KeptOpenings {
  readonly decision: string;
  /** Who may have them back: the credential that asked for the decision, with whom it speaks for. */
  readonly owner: string;
  readonly tenant: string;
  /** Whom the request is about. */
  readonly subject?: string | undefined;
  /** Whom the caller speaks for: `caller.subject` is kept under this one's key, everything else under `subject`'s, else this one's, else the tenant's. */
  readonly callerSubject?: string | undefined;
  /** The API key that names `callerSubject`: where it no longer does, since the subject was erased, what is about it is not kept. */
  readonly callerKey?: string | undefined;
  readonly classification: Classification;
  /** When it was decided, microseconds since the epoch: retention counts from the end of that day. */
  readonly time: number;
  readonly openings: NamedOpenings;
}

/** What is left of the openings of a decision. */
export interface FoundOpenings {
  readonly left: readonly string[];
  /** Absent for anybody but their owner. */
  readonly own?: NamedOpenings;
}

/**
 * Sealed values live beside the log, never in it: what is destroyed here can no longer be opened, and every proof still holds. Rejects with
 * Fault `vault_failed`.
 */
export interface OpeningStore {
  /** Whether payloads are kept as well, so that their commitments can be opened without their sender. */
  readonly keepsPayloads: boolean;
  /** Durable when it resolves. What is about a subject whose erasure is under way is not kept. */
  put(kept: KeptOpenings): Promise<void>;
  /**
   * The same, before the decision is in the log: `recorded` or `drop` follows, or what was put is looked at again at the next start. Rejects with
   * Fault `unavailable` while too many wait.
   */
  putAhead(kept: KeptOpenings): Promise<void>;
  /** One more of a decision, for the same owner, subject and class as the one named. Not kept where that one is gone. */
  putBeside(decision: string, beside: string, name: string, opening: Opening): Promise<void>;
  recorded(decision: string): void;
  drop(decision: string): Promise<void>;
  find(decision: string, owner: string): Promise<FoundOpenings>;
  /** The subject that an API key names, with the salt (hex) of the commitment in its record. */
  putSubject(
    key: string,
    opening: { readonly tenant: string; readonly subject: string; readonly salt: string },
  ): Promise<void>;
  /** Looks up which subject a key names, where other processes may have said or erased it since. */
  readSubject(key: string): Promise<void>;
  /** As it was at the last `readSubject`, `putSubject` or erasure. */
  subjectOf(key: string): string | undefined;
}
