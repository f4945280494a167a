import type { Classification } from '../../contracts/request.js';
import { canonicalBytes } from '../../kernel/canonical.js';
import { digestFromBytes, hmacSha256 } from '../../kernel/digest.js';

/** Whose something is: a subject within its tenant. Without a subject it is the tenant's. */
export interface SubjectOf {
  readonly tenant: string;
  readonly subject?: string | undefined;
}

/** What a data key is for: openings of a class, or the subjects that API keys name, which are kept as long as the key. */
export type KeyClass = Classification | 'credential';

const dayMicros = 86_400 * 1_000_000;

/** Days since the epoch, UTC. */
export const dayOf = (micros: number): number => Math.floor(micros / dayMicros);
/** When a day is over. */
export const endOfDay = (day: number): number => (day + 1) * dayMicros;

/**
 * Names of rows and keys. Subjects, decisions and credentials stand in them as HMAC-SHA-256 under the vault's name key, 128 bits in hex: whoever
 * has the disk and not the master key learns who is in it neither by reading nor by guessing.
 */
export class VaultNames {
  readonly #key: Uint8Array;

  constructor(nameKey: Uint8Array) {
    this.#key = nameKey;
  }

  subject({ tenant, subject }: SubjectOf): string {
    return this.#reference(subject === undefined ? ['tenant', tenant] : ['subject', tenant, subject]);
  }

  /** Of a credential together with whom it speaks for. */
  owner(owner: string): string {
    return this.#reference(['owner', owner]);
  }

  /** The folder of a decision's openings. */
  decision(id: string): string {
    return `o/${this.#reference(['decision', id])}/`;
  }

  /** The row with the subject that an API key names. */
  credential(keyId: string): string {
    return `${credentialFolder}${this.#reference(['credential', keyId])}`;
  }

  #reference(parts: readonly string[]): string {
    return digestFromBytes(hmacSha256(this.#key, canonicalBytes(parts))).slice(0, 32);
  }
}

export const credentialFolder = 'c/';
export const intentFolder = 'i/';
/** There while the subject is being erased: until then nothing about it is written. */
export const gateRow = (subject: string): string => `g/${subject}`;
export const holdRow = (subject: string): string => `h/${subject}`;

/** One key a subject, class and day: a day of a class can expire and be destroyed on its own. */
export function dataKeyName(subject: string, keyClass: KeyClass, day: number): string {
  return `${subject}/${keyClass}/${day}/`;
}

export interface DataKeyName {
  readonly subject: string;
  readonly keyClass: KeyClass;
  readonly day: number;
}

/** `undefined` for the name of another key, such as that of the root. */
export function parseDataKeyName(name: string): DataKeyName | undefined {
  const [subject, keyClass, day, rest] = name.split('/');
  if (subject === undefined || keyClass === undefined || day === undefined || rest !== '') return undefined;
  return { subject, keyClass: keyClass as KeyClass, day: Number(day) };
}

/** Which rows are under a key, so that they can be deleted with it: a row without bytes beside each. */
export const underKey = (key: string, row: string): string => `k/${key}${row}`;

/** The row that such a name is about. */
export function rowUnderKey(name: string): string {
  return name.split('/').slice(4).join('/');
}
