// Generated from notebooks/math/04_certificate.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { byCodePoint } from './canonical.js';
import type { ExclusionGroup, Finding, Funnel, NearestMiss } from './certificate-document.js';
import { stepOrder } from './certificate-document.js';
import type { Exclusion, Narrowing } from './narrowing.js';

/** How much of the explanation is kept: best k, nearest n, groups g, samples s. */
export interface Sizes {
  readonly k: number;
  readonly n: number;
  readonly g: number;
  readonly s: number;
}

export const largest = 16_384;

export const sizeLadder: readonly Sizes[] = [
  { k: 16, n: 8, g: 32, s: 3 },
  { k: 8, n: 8, g: 32, s: 1 },
  { k: 8, n: 4, g: 16, s: 1 },
  { k: 4, n: 2, g: 8, s: 1 },
  { k: 1, n: 1, g: 4, s: 0 },
];

/** Services grouped by (step, code, ref) of their first finding, the largest groups first. */
export function groupsOf(
  exclusions: readonly Exclusion[],
): (ExclusionGroup & { readonly sample: string[] })[] {
  const groups = new Map<string, ExclusionGroup & { count: number; readonly sample: string[] }>();
  for (const { service, step, findings } of exclusions) {
    const { code, ref } = findings[0] as Finding;
    const key = `${step} ${code} ${ref}`;
    const group = groups.get(key) ?? { step, code, ref, count: 0, sample: [] };
    group.count += 1;
    group.sample.push(service);
    groups.set(key, group);
  }
  for (const group of groups.values()) group.sample.sort(byCodePoint);
  return [...groups.values()].sort(
    (a, b) =>
      b.count - a.count ||
      stepOrder.indexOf(a.step) - stepOrder.indexOf(b.step) ||
      byCodePoint(a.code, b.code) ||
      byCodePoint(a.ref, b.ref),
  );
}

export function funnelOf(narrowing: Narrowing, { g, s }: Sizes): Funnel {
  const groups = groupsOf(narrowing.exclusions);
  const exclusions = groups.slice(0, g).map((group) => ({ ...group, sample: group.sample.slice(0, s) }));
  const other = groups.slice(g).reduce((sum, group) => sum + group.count, 0);
  return { registered: narrowing.registered, steps: narrowing.steps, exclusions, other };
}

/** Excluded services that came furthest: latest step first, then id; at most four findings each. */
export function nearestOf(exclusions: readonly Exclusion[], n: number): NearestMiss[] {
  const order = (exclusion: Exclusion) => stepOrder.indexOf(exclusion.step);
  return [...exclusions]
    .sort((a, b) => order(b) - order(a) || byCodePoint(a.service, b.service))
    .slice(0, n)
    .map(({ service, step, findings }) => ({ service, step, lacked: findings.slice(0, 4) }));
}
