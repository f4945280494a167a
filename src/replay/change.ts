import type { Certificate, Promised, Routed } from '../contracts/certificate.js';

import type { Problem } from '../kernel/problem.js';
import { sameJson } from '../kernel/same-json.js';

/** In which way a decision comes out otherwise, the gravest first; `invalid`: the request would not have been a question. */
export const changeKinds = [
  'invalid',
  'routed_to_refused',
  'refused_to_routed',
  'service',
  'chain',
  'promise',
  'refusal_step',
] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** How a decision came out, as far as replays compare it. */
export type Came =
  | {
      readonly decision: 'routed';
      readonly service: string;
      readonly version: string;
      readonly chain: readonly string[];
      /** As promised for the whole execution; absent where it is unknown. */
      readonly cost_micro_usd?: number;
      readonly latency?: Latency;
      readonly deadline_micros: number;
    }
  | { readonly decision: 'refused'; readonly step: string }
  | { readonly decision: 'invalid'; readonly problems: readonly Problem[] };

/** The tightest statement that a promise makes of its latency. */
export interface Latency {
  readonly property: (typeof latencies)[number];
  readonly micros: number;
}

const latencies = [
  'latency_p95_micros',
  'latency_p99_micros',
  'latency_max_micros',
  'latency_p50_micros',
] as const;

export function cameOf({ outcome }: Certificate): Came {
  if (outcome.decision === 'refused') return { decision: 'refused', step: outcome.step };
  const { selected, chain, promise } = outcome;
  const latency = latencyOf(promise);
  return {
    decision: 'routed',
    service: selected.service,
    version: selected.version,
    chain: chain.map(({ service }) => service),
    ...(promise.cost_micro_usd === undefined ? {} : { cost_micro_usd: promise.cost_micro_usd }),
    ...(latency === undefined ? {} : { latency }),
    deadline_micros: promise.deadline_micros,
  };
}

function latencyOf({ guarantees }: Promised): Latency | undefined {
  for (const property of latencies) {
    const micros = guarantees[property]?.max;
    if (micros !== undefined) return { property, micros };
  }
  return undefined;
}

/** `undefined`: it comes out as before. Other contract digests alone are no change: what counts is who is called and what is promised. */
export function changeBetween(before: Certificate, after: Certificate): ChangeKind | undefined {
  const [one, other] = [before.outcome, after.outcome];
  if (one.decision === 'refused') {
    if (other.decision === 'routed') return 'refused_to_routed';
    return one.step === other.step ? undefined : 'refusal_step';
  }
  if (other.decision === 'refused') return 'routed_to_refused';
  if (one.selected.service !== other.selected.service) return 'service';
  if (!sameJson(servicesOf(one), servicesOf(other))) return 'chain';
  return sameJson(one.promise, other.promise) ? undefined : 'promise';
}

const servicesOf = ({ chain }: Routed): readonly string[] => chain.map(({ service }) => service);
