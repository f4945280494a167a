import type { HistoryRow, State } from '../contracts/state.js';
import { SortedMap } from '../kernel/sorted-map.js';
import type { Folded } from './fold.js';

/** What a start goes on from: everything that reading the entries below `folded.size` would give, but for the tree. */
export interface Resumption {
  readonly folded: Folded;
  /** Attempts so far, by service. */
  readonly attempts: ReadonlyMap<string, number>;
  /** The latest time of a decision, microseconds since the epoch; -1 before the first. */
  readonly latestDecision: number;
}

/** A snapshot cannot be read: it is of another version, damaged, or not one. */
export class SnapshotMalformed extends Error {}

/** It is whole, and another version of CAIO wrote it. */
export class SnapshotForeign extends SnapshotMalformed {}

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

const map = <T>(): Section<SortedMap<T>> => ({
  write: (entries) => entries,
  read: (rows) => sortedMapOf(rows as readonly (readonly [string, T])[]),
});

function sortedMapOf<T>(entries: readonly (readonly [string, T])[]): SortedMap<T> {
  return entries.reduce((read, [key, value]) => read.with(key, value), SortedMap.empty<T>());
}

/** First what is said of the whole, then its rows. */
const history: Section<State['history']> = {
  write: ({ rows, ...head }) => [head, ...rows],
  read: (all) => ({ ...headOf(all), rows: all.slice(1) }) as unknown as State['history'],
};
const epoch: Section<Folded['epoch']> = {
  write: ({ rows, ...head }) => [head, ...rows.values()],
  read: (all) => {
    const rows = all.slice(1) as readonly HistoryRow[];
    return { ...headOf(all), rows: sortedMapOf(rows.map((row) => [row.service, row])) } as Folded['epoch'];
  },
};

function headOf([head]: readonly unknown[]): object {
  if (typeof head === 'object' && head !== null) return head;
  throw new SnapshotMalformed('a section has no first row');
}

// A field that is added to what is folded does not compile until it has a section here.
const stateSections: Sections<State> = {
  contracts: list(),
  policies: list(),
  parameters: one(),
  history,
  availability: list(),
  as_of: one(),
};
const breakerSections: Sections<Folded['breakers']> = { streaks: map(), heldOut: map() };
const foldedSections: Sections<Omit<Folded, 'state' | 'breakers'>> = {
  origin: one(),
  keys: map(),
  contractVersions: map(),
  policyVersions: map(),
  epoch,
  breaches: list(),
  size: one(),
};
/** In the order in which the services were first tried, which is that of the log. */
const attempts: Section<Resumption['attempts']> = {
  write: (counts) => counts,
  read: (rows) => new Map(rows as readonly (readonly [string, number])[]),
};
const besideSections: Sections<Omit<Resumption, 'folded'>> = { attempts, latestDecision: one() };

/** Section name → how its value is written and read; a prefix says whose field it is. */
export const sections: readonly (readonly [string, Section<unknown>])[] = [
  ...sectionsOf('folded', foldedSections),
  ...sectionsOf('state', stateSections),
  ...sectionsOf('breakers', breakerSections),
  ...sectionsOf('beside', besideSections),
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
export function sectionValue(resumption: Resumption, name: string): unknown {
  const [group, field] = name.split('.') as [keyof typeof groups, string];
  return (groups[group](resumption) as { readonly [field: string]: unknown })[field];
}

const groups = {
  folded: ({ folded }: Resumption): object => folded,
  state: ({ folded }: Resumption): object => folded.state,
  breakers: ({ folded }: Resumption): object => folded.breakers,
  beside: (resumption: Resumption): object => resumption,
};

/** What rows of each section say. */
export function resumptionOf(rows: ReadonlyMap<string, readonly unknown[]>): Resumption {
  const values = new Map(sections.map(([name, section]) => [name, section.read(rows.get(name) ?? [])]));
  const group = (prefix: string, fields: object) =>
    Object.fromEntries(Object.keys(fields).map((field) => [field, values.get(`${prefix}.${field}`)]));
  const folded = {
    ...group('folded', foldedSections),
    state: group('state', stateSections),
    breakers: group('breakers', breakerSections),
  } as unknown as Folded;
  return { ...(group('beside', besideSections) as Omit<Resumption, 'folded'>), folded };
}
