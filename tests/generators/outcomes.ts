import type { AttemptResult, OutcomeEntry, Verdict } from '../../src/log/entry.js';
import { outcome } from '../unit/log/entries.js';
import type { Random } from './random.js';

const results: readonly AttemptResult[] = [
  'answered',
  'answered',
  'answered',
  'failed',
  'rejected',
  'aborted',
  'not_sent',
];
const timed = [
  'latency_p50_micros',
  'latency_p95_micros',
  'latency_p99_micros',
  'latency_max_micros',
] as const;
// With neighbours in UTF-16 order that are none in code-point order.
const names = ['a', 'b', 'ab', 'z', '\u{1f600}', '\uffee', 'é'];

/** Outcomes of a few services, in no order: bounds vary as they do when contracts are replaced, and some services miss most of them. */
export function drawOutcomes(random: Random): readonly OutcomeEntry[] {
  const services = random.some(names, 0.6);
  if (services.length === 0) return [];
  const bad = new Set(random.some(services, 0.3));
  const most = random.pick([5, 40, 200]);
  return Array.from({ length: random.integer(0, most) }, () => {
    const service = random.pick(services);
    const result = random.pick(results);
    const entry = outcome(service, result);
    const latencyMicros = random.pick([
      0,
      1,
      999,
      1000,
      1001,
      64_000,
      131_072_000,
      131_072_001,
      random.integer(0, 2 ** 40),
    ]);
    const trial = result === 'answered' || result === 'failed';
    const verdicts = trial ? drawVerdicts(random, bad.has(service) ? 0.7 : 0.05) : [];
    return { ...entry, measured: { ...entry.measured, latency_micros: latencyMicros }, verdicts };
  });
}

function drawVerdicts(random: Random, missRate: number): readonly Verdict[] {
  const held = () => !random.chance(missRate);
  return [
    ...random.some(timed).map((property) => ({ property, bound: random.integer(1, 1e6), held: held() })),
    ...random.some(['availability_ppm']).map((property) => ({
      property,
      bound: random.pick([0, 900_000, 990_000, 999_999, 1_000_000]),
      held: held(),
    })),
    ...random.some(['cost_micro_usd']).map((property) => ({ property, bound: 10, held: held() })),
  ];
}
