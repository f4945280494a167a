import { contractDigest, parametersDigest, policyDigest } from '../../contracts/digests.js';
import type { Head } from '../../log/port.js';
import type { ChangeKind } from '../../replay/change.js';
import type { Replacement } from '../../replay/replacement.js';
import type { Changed } from '../../replay/replay.js';
import type { Sums, Totals } from '../../replay/totals.js';

/** Before and after, and the difference where nothing in it is unknown. */
export interface Difference {
  readonly decisions: readonly [before: number, after: number];
  readonly cost_micro_usd: readonly [before: number, after: number];
  readonly cost_delta_micro_usd: number;
  /** Decisions whose cost is unknown: not in the sums. */
  readonly cost_unknown: readonly [before: number, after: number];
  /** Mean of the promised latencies; absent where none is promised. */
  readonly mean_latency_micros: readonly [before: number | undefined, after: number | undefined];
  readonly mean_latency_delta_micros?: number;
  readonly latency_unknown: readonly [before: number, after: number];
}

export interface Report {
  readonly type: 'caio/what-if/v1';
  readonly log: { readonly place: string; readonly size: number; readonly root: string };
  readonly period: { readonly from?: string; readonly to?: string };
  readonly replaced: {
    readonly mode: Replacement['mode'];
    /** Id → digest of what was given. */
    readonly policies?: { readonly [id: string]: string };
    readonly contracts?: { readonly [id: string]: string };
    readonly parameters?: string;
  };
  /** Every decision of the period was first decided on the state that was and came out byte for byte. */
  readonly faithful: true;
  readonly decisions: number;
  readonly unchanged: number;
  readonly changed: { readonly [kind in ChangeKind]?: number };
  readonly total: Difference;
  readonly services: { readonly [service: string]: Difference };
  readonly changes: readonly Changed[];
}

export function reportOf(made: {
  readonly source: string;
  readonly head: Head;
  readonly replacement: Replacement;
  readonly options: { readonly from?: string; readonly to?: string };
  readonly totals: Totals;
  readonly changes: readonly Changed[];
}): Report {
  const { head, replacement, options, totals, changes } = made;
  const { mode, policies, contracts, parameters } = replacement;
  const services = [...totals.services].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    type: 'caio/what-if/v1',
    log: { place: made.source, size: head.size, root: head.root },
    period: {
      ...(options.from === undefined ? {} : { from: options.from }),
      ...(options.to === undefined ? {} : { to: options.to }),
    },
    replaced: {
      mode,
      ...(policies === undefined ? {} : { policies: digestsOf(policies, policyDigest) }),
      ...(contracts === undefined ? {} : { contracts: digestsOf(contracts, contractDigest) }),
      ...(parameters === undefined ? {} : { parameters: parametersDigest(parameters) }),
    },
    faithful: true,
    decisions: totals.decisions,
    unchanged: totals.unchanged,
    changed: totals.changed,
    total: difference(totals),
    services: Object.fromEntries(services.map(([id, sums]) => [id, difference(sums)])),
    changes,
  };
}

function digestsOf<T extends { readonly id: string }>(
  documents: readonly T[],
  digest: (document: T) => string,
) {
  return Object.fromEntries(documents.map((document) => [document.id, digest(document)]));
}

function difference({ before, after }: { readonly before: Sums; readonly after: Sums }): Difference {
  const [one, other] = [meanLatency(before), meanLatency(after)];
  return {
    decisions: [before.decisions, after.decisions],
    cost_micro_usd: [before.cost_micro_usd, after.cost_micro_usd],
    cost_delta_micro_usd: after.cost_micro_usd - before.cost_micro_usd,
    cost_unknown: [before.cost_unknown, after.cost_unknown],
    mean_latency_micros: [one, other],
    ...(one === undefined || other === undefined ? {} : { mean_latency_delta_micros: other - one }),
    latency_unknown: [before.latency_unknown, after.latency_unknown],
  };
}

function meanLatency({ decisions, latency_micros: sum, latency_unknown: unknown }: Sums): number | undefined {
  const known = decisions - unknown;
  return known === 0 ? undefined : Math.round(sum / known);
}
