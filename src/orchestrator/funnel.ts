import {
  type ExclusionGroup,
  type Funnel,
  type Refused,
  type Step,
  steps,
} from '../contracts/certificate.js';
import type { Contract } from '../contracts/contract.js';
import { countBits, positionsOf, subtract } from '../kernel/bitset.js';
import { compareCodePoints } from '../kernel/merkle.js';
import { type FindingGroup, findingsAt } from '../kernel/predicate.js';
import type { Trail } from './narrowing.js';

const mostFindings = 4;

interface StepGroup extends FindingGroup<ExclusionGroup['code']> {
  readonly step: Step;
}

/** Every exclusion group of a trail, sorted as they are certified: count (greatest first), step, code, ref. */
export function exclusionGroups({ taken }: Trail): readonly StepGroup[] {
  return taken
    .flatMap(({ step, groups }) => groups.map((group) => ({ step, ...group })))
    .sort(
      (a, b) =>
        b.count - a.count ||
        steps.indexOf(a.step) - steps.indexOf(b.step) ||
        compareCodePoints(a.code, b.code) ||
        compareCodePoints(a.ref, b.ref),
    );
}

/** Who entered and left each step, and the `listed` greatest of the exclusion groups with their first `sampled` services. */
export function funnelOf(
  { taken, question }: Trail,
  groups: readonly StepGroup[],
  listed: number,
  sampled: number,
): Funnel {
  const { contracts } = question.snapshot.registry;
  return {
    registered: contracts.length,
    steps: taken.map(({ step, entered, left }) => ({
      step,
      entered: countBits(entered),
      left: countBits(left),
    })),
    exclusions: groups.slice(0, listed).map(({ step, code, ref, count, members }) => ({
      step,
      code,
      ref,
      count,
      sample: idsAt(contracts, positionsOf(members, sampled)),
    })),
    other: groups.slice(listed).reduce((sum, { count }) => sum + count, 0),
  };
}

/** The first `most` excluded services, those that came furthest first, then by id, each with what it lacked at its last step. */
export function nearestMisses({ taken, question }: Trail, most: number): Refused['nearest'] {
  const { contracts } = question.snapshot.registry;
  const nearest: Refused['nearest'][number][] = [];
  for (const narrowed of [...taken].reverse()) {
    const excluded = subtract(narrowed.entered, narrowed.left);
    for (const position of positionsOf(excluded, most - nearest.length)) {
      nearest.push({
        service: (contracts[position] as Contract).id,
        step: narrowed.step,
        lacked: findingsAt(narrowed, position, mostFindings),
      });
    }
  }
  return nearest;
}

function idsAt(contracts: readonly Contract[], positions: Int32Array): readonly string[] {
  return Array.from(positions, (position) => (contracts[position] as Contract).id);
}
