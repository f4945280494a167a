import type { AttemptEntry, AttemptResult, DecisionEntry, LogEntry } from './entry.js';
import type { IndexRow } from './port.js';

const width = String(Number.MAX_SAFE_INTEGER).length;

/** An index as fixed-width digits, so that byte order is the order of the log. */
export function indexDigits(index: number): string {
  return String(index).padStart(width, '0');
}

export const entryKey = (index: number): string => `entry/${indexDigits(index)}`;

/** What a trace can be asked for by: a service that was selected or called; what the decision came to, or how an attempt ended. */
export interface TraceFacets {
  /** Absent: decisions of every tenant. */
  readonly tenant?: string;
  readonly service?: string;
  readonly outcome?: TraceOutcome;
}

export type TraceOutcome = 'routed' | 'refused' | AttemptResult;

/** Folders of the projection. Keys of `fold` and `trace` end in the digits of the entry's index, those of `decision` in the id. */
export const indexFolder = {
  /** Entries that the fold reads: state entries and outcomes. */
  fold: 'fold/',
  decision: 'decision/',
  /** Decisions by time, then by index; `*` is no id. A service that was called was routed to, so `routed` adds nothing to a service. */
  traces: ({ tenant = '*', service = '*', outcome }: TraceFacets): string =>
    `traces/${tenant}/${service}/${service !== '*' && outcome === 'routed' ? '*' : (outcome ?? '*')}/`,
  /** Attempts at a service, or at any, by time, then by index; the value is the decision's id. */
  attempts: (service = '*'): string => `attempts/${service}/`,
  /** Decisions in which an attempt rides. */
  riding: 'riding/',
  kind: (kind: string): string => `kind/${kind}/`,
  /** Decision, attempts and outcomes of one decision. */
  trace: (decision: string): string => `trace/${decision}/`,
} as const;

/** The index at the end of a key. */
export function indexInKey(key: string): number {
  return Number(key.slice(-width));
}

/** Where a decision stands in the folders of `traces`: the end of its keys, which is also what a cursor is. */
export function traceKey({ time, index }: Pick<DecisionFacts, 'time' | 'index'>): string {
  return `${indexDigits(time)}.${indexDigits(index)}`;
}

/** Every kind of entry. */
export const entryKinds = [
  'genesis',
  'contract.put',
  'contract.remove',
  'policy.put',
  'policy.remove',
  'parameters.put',
  'key.put',
  'key.revoke',
  'availability.put',
  'history.epoch',
  'decision',
  'attempt',
  'outcome',
  'proof',
  'access',
  'erasure',
] as const satisfies readonly LogEntry['kind'][];

/** The attempt that an entry is, or that rides in it. */
export function attemptedIn(entry: LogEntry): Pick<AttemptEntry, 'rank' | 'service'> | undefined {
  if (entry.kind === 'decision') return entry.attempt;
  return entry.kind === 'attempt' ? { rank: entry.rank, service: entry.service } : undefined;
}

/** What the rows of an attempt or outcome need of its decision. */
export interface DecisionFacts {
  readonly id: string;
  readonly tenant: string;
  /** Of the decision, microseconds since the epoch. */
  readonly time: number;
  /** Of its entry. */
  readonly index: number;
}

export type DecisionLookup = (id: string) => DecisionFacts | undefined;

export function factsOf({ certificate }: DecisionEntry, index: number): DecisionFacts {
  const { id, inputs } = certificate;
  return { id, tenant: inputs.caller.tenant, time: inputs.time, index };
}

/**
 * How an entry can be found: at most twelve rows. Those of attempts and outcomes are about their decision, whose facts `decided` gives; of a decision that is
 * not in the log there are none.
 */
export function indexRows(entry: LogEntry, index: number, decided: DecisionLookup): readonly IndexRow[] {
  const kind = { key: `${indexFolder.kind(entry.kind)}${indexDigits(index)}`, value: entry.kind };
  return [kind, ...attemptRows(entry, index), ...rowsOfKind(entry, index, decided)];
}

function attemptRows(entry: LogEntry, index: number): readonly IndexRow[] {
  const attempted = attemptedIn(entry);
  if (attempted === undefined) return [];
  const place = traceKey({ time: entry.time, index });
  const decision = entry.kind === 'decision' ? entry.certificate.id : (entry as AttemptEntry).decision;
  const rows = [indexFolder.attempts(), indexFolder.attempts(attempted.service.service)].map((folder) => ({
    key: `${folder}${place}`,
    value: decision,
  }));
  if (entry.kind === 'decision')
    rows.push({ key: `${indexFolder.riding}${indexDigits(index)}`, value: decision });
  return rows;
}

function rowsOfKind(entry: LogEntry, index: number, decided: DecisionLookup): readonly IndexRow[] {
  const digits = indexDigits(index);
  switch (entry.kind) {
    case 'decision': {
      const facts = factsOf(entry, index);
      const { outcome } = entry.certificate;
      return [
        { key: `${indexFolder.decision}${facts.id}`, value: String(index) },
        { key: `${indexFolder.trace(facts.id)}${digits}`, value: entry.kind },
        ...traceRows(facts, {}),
        ...traceRows(facts, { outcome: outcome.decision }),
        ...(outcome.decision === 'routed' ? traceRows(facts, { service: outcome.selected.service }) : []),
      ];
    }
    case 'attempt':
      return [
        { key: `${indexFolder.trace(entry.decision)}${digits}`, value: entry.kind },
        ...traceRows(decided(entry.decision), { service: entry.service.service }),
      ];
    case 'outcome': {
      const facts = decided(entry.decision);
      const { service } = entry.service;
      const outcome = entry.measured.result;
      return [
        { key: `${indexFolder.trace(entry.decision)}${digits}`, value: entry.kind },
        { key: `${indexFolder.fold}${digits}`, value: entry.kind },
        ...traceRows(facts, { outcome }),
        ...traceRows(facts, { service, outcome }),
      ];
    }
    case 'proof':
    case 'access':
    case 'erasure':
      return [];
    default:
      return [{ key: `${indexFolder.fold}${digits}`, value: entry.kind }];
  }
}

/** For everybody who sees all tenants, and for the tenant. */
function traceRows(facts: DecisionFacts | undefined, facets: TraceFacets): readonly IndexRow[] {
  if (facts === undefined) return [];
  return [facets, { ...facets, tenant: facts.tenant }].map((each) => ({
    key: `${indexFolder.traces(each)}${traceKey(facts)}`,
    value: facts.id,
  }));
}
