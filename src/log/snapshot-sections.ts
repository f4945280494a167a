import type { State } from '../contracts/state.js';
import type { Folded, Trial } from './fold.js';

/** What a start goes on from: everything that reading the entries below `folded.size` would give, but for the tree. */
export interface Resumption {
  readonly folded: Folded;
  /** Attempts so far, by service. */
  readonly attempts: ReadonlyMap<string, number>;
}

/** A snapshot cannot be read: it is of another version, damaged, or not one. */
export class SnapshotMalformed extends Error {
  override readonly name = 'SnapshotMalformed';
}

interface Section<T> {
  /** One JSON value a row, none of them `undefined`. */
  readonly write: (value: T) => Iterable<unknown>;
  readonly read: (rows: readonly unknown[]) => T;
}
type Sections<T> = { readonly [Field in keyof T]-?: Section<T[Field]> };

const one = <T>(): Section<T> => ({
  write: (value) => [value],
  read: (rows) => {
    if (rows.length === 1) return rows[0] as T;
    throw new SnapshotMalformed('a section does not have the one row that it should have');
  },
});

const list = <T>(): Section<readonly T[]> => ({
  write: (items) => items,
  read: (rows) => rows as readonly T[],
});

/** In the order in which its keys came, which is that of the log. */
const map = <T>(): Section<ReadonlyMap<string, T>> => ({
  write: (entries) => entries,
  read: (rows) => new Map(rows as readonly (readonly [string, T])[]),
});

const history: Section<State['history']> = {
  write: ({ rows, ...head }) => [head, ...rows],
  read: ([head, ...rows]) => {
    if (head === undefined) throw new SnapshotMalformed('the history has no beginning');
    return { ...(head as Omit<State['history'], 'rows'>), rows: rows as State['history']['rows'] };
  },
};

/** The latest first, as the list is linked. */
const trials: Section<Trial | undefined> = {
  *write(latest) {
    for (let trial = latest; trial !== undefined; trial = trial.earlier) {
      const { earlier: _, ...own } = trial;
      yield own;
    }
  },
  read: (rows) =>
    rows.reduceRight<Trial | undefined>(
      (earlier, own) => ({ ...(own as Omit<Trial, 'earlier'>), earlier }),
      undefined,
    ),
};

// A field that is added to what is folded does not compile until it has a section here.
const stateSections: Sections<State> = {
  contracts: list(),
  policies: list(),
  parameters: one(),
  history,
  availability: list(),
  as_of: one(),
};
const foldedSections: Sections<Omit<Folded, 'state'>> = {
  origin: one(),
  keys: map(),
  contractVersions: map(),
  policyVersions: map(),
  trials,
  size: one(),
};
const attempts: Section<Resumption['attempts']> = map();

/** Section name → how its value is written and read; `state.` and `folded.` are those of their fields. */
export const sections: readonly (readonly [string, Section<unknown>])[] = [
  ...sectionsOf('folded', foldedSections),
  ...sectionsOf('state', stateSections),
  ['attempts', attempts as Section<unknown>],
];
export const sectionNames = sections.map(([name]) => name);

function sectionsOf<T>(
  prefix: string,
  sections: Sections<T>,
): readonly (readonly [string, Section<unknown>])[] {
  return Object.entries(sections).map(([field, section]) => [
    `${prefix}.${field}`,
    section as Section<unknown>,
  ]);
}

/** The value of a section. */
export function sectionValue({ folded, attempts: counts }: Resumption, name: string): unknown {
  const [group, field] = name.split('.') as [string, string | undefined];
  const whole = group === 'folded' ? folded : group === 'state' ? folded.state : { [name]: counts };
  return (whole as { readonly [field: string]: unknown })[field ?? name];
}

/** What rows of each section say. */
export function resumptionOf(rows: ReadonlyMap<string, readonly unknown[]>): Resumption {
  const values = new Map(sections.map(([name, section]) => [name, section.read(rows.get(name) ?? [])]));
  const group = (prefix: string, fields: object) =>
    Object.fromEntries(Object.keys(fields).map((field) => [field, values.get(`${prefix}.${field}`)]));
  const state = group('state', stateSections) as unknown as State;
  const folded = { ...group('folded', foldedSections), state } as unknown as Folded;
  return { folded, attempts: values.get('attempts') as Resumption['attempts'] };
}
