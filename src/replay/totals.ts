import type { Came, ChangeKind } from './change.js';
import type { Replayed } from './replay.js';

/** Sums over decisions that come to a service; what is unknown is counted, not guessed. */
export interface Sums {
  decisions: number;
  cost_micro_usd: number;
  cost_unknown: number;
  /** Promised latency, summed over those that promise one. */
  latency_micros: number;
  latency_unknown: number;
}

export interface Totals {
  decisions: number;
  unchanged: number;
  readonly changed: { [kind in ChangeKind]?: number };
  readonly before: Sums;
  readonly after: Sums;
  readonly services: Map<string, { readonly before: Sums; readonly after: Sums }>;
}

const noSums = (): Sums => ({
  decisions: 0,
  cost_micro_usd: 0,
  cost_unknown: 0,
  latency_micros: 0,
  latency_unknown: 0,
});

export const noTotals = (): Totals => ({
  decisions: 0,
  unchanged: 0,
  changed: {},
  before: noSums(),
  after: noSums(),
  services: new Map(),
});

/** Counts one decision in; changes `totals`. */
export function addTo(totals: Totals, { before, after, changed }: Replayed): void {
  totals.decisions += 1;
  if (changed === undefined) totals.unchanged += 1;
  else totals.changed[changed.change] = (totals.changed[changed.change] ?? 0) + 1;
  for (const [came, when] of [
    [before, 'before'],
    [after, 'after'],
  ] as const) {
    if (came.decision !== 'routed') continue;
    const service = totals.services.get(came.service) ?? { before: noSums(), after: noSums() };
    totals.services.set(came.service, service);
    for (const sums of [totals[when], service[when]]) add(sums, came);
  }
}

function add(sums: Sums, came: Came & { readonly decision: 'routed' }): void {
  sums.decisions += 1;
  if (came.cost_micro_usd === undefined) sums.cost_unknown += 1;
  else sums.cost_micro_usd += came.cost_micro_usd;
  if (came.latency === undefined) sums.latency_unknown += 1;
  else sums.latency_micros += came.latency.micros;
}
