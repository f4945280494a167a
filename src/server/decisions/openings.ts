/** The salts of what a decision sealed, in hex by name (configs/schemas/salts.schema.json), and the sealed values, but for the payload. */
export interface Openings {
  readonly salts: { readonly [name: string]: string };
  readonly values: { readonly [name: string]: unknown };
  /** Who may have them back: the credential that asked for the decision. */
  readonly owner: string;
}

/** Sealed values live beside the log, never in it: what is dropped here can no longer be opened, and every proof still holds. */
export interface OpeningStore {
  put(decision: string, openings: Openings): void;
  get(decision: string): Openings | undefined;
  /** The subject that an API key names, with the salt (hex) of the commitment in its record. */
  putSubject(key: string, opening: { readonly subject: string; readonly salt: string }): void;
  subjectOf(key: string): string | undefined;
}

/** In memory, of the most recent decisions; gone with the process. */
export function memoryOpenings(most = 10_000): OpeningStore {
  const openings = new Map<string, Openings>();
  const subjects = new Map<string, { readonly subject: string; readonly salt: string }>();
  return {
    put: (decision, opening) => {
      openings.set(decision, opening);
      if (openings.size > most) openings.delete(openings.keys().next().value as string);
    },
    get: (decision) => openings.get(decision),
    putSubject: (key, opening) => {
      subjects.set(key, opening);
    },
    subjectOf: (key) => subjects.get(key)?.subject,
  };
}
