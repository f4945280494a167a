import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Certificate, Routed } from '../../src/contracts/certificate.js';
import type { Contract } from '../../src/contracts/contract.js';
import type { State } from '../../src/contracts/state.js';
import { bitsetOf, fullBitset, positionsOf } from '../../src/kernel/bitset.js';
import { canonicalText } from '../../src/kernel/canonical.js';
import { narrow } from '../../src/kernel/predicate.js';
import { tieBreakDigest } from '../../src/optimization/ranking.js';
import { decide } from '../../src/orchestrator/decide.js';
import type { Snapshot } from '../../src/orchestrator/snapshot.js';
import { seed } from '../support/seed.js';
import { inputs, policy, snapshotOf } from '../unit/orchestrator/world.js';
import { type World, worlds } from './small-world.js';

const seen = { routed: 0, refused: 0, chains: 0, ties: 0, dominated: 0 };
afterAll(() => {
  console.log(`theorems over ${JSON.stringify(seen)} with seed ${seed}`);
});

function certificateOf(world: World, snapshot: Snapshot = snapshotOf(world.state)): Certificate {
  const decision = decide(inputs({ request: world.request, seed: world.seed }), snapshot);
  if (!decision.ok) throw new Error(JSON.stringify(decision.error));
  return decision.value.certificate;
}

function withContracts(world: World, contracts: readonly Contract[]): World {
  return { ...world, state: { ...world.state, contracts } };
}

function routedOf({ outcome }: Certificate): Routed | undefined {
  return outcome.decision === 'routed' ? outcome : undefined;
}

function holds(name: string, theorem: (world: World) => void, runs = 150): void {
  test(name, () => {
    fc.assert(
      fc.property(worlds(7), (world) => theorem(world)),
      { seed, numRuns: runs },
    );
  });
}

holds('INV-CAIO-OPT-0001: no service that may serve alone ranks above the selected one', (world) => {
  const whole = certificateOf(world);
  const alone = world.state.contracts.flatMap((contract) => {
    const { ranking } = certificateOf(withContracts(world, [contract]));
    return ranking.best;
  });
  expect(whole.ranking.considered).toBe(alone.length);
  const digest = ({ service }: { service: string }) =>
    tieBreakDigest(world.seed, whole.inputs.request_digest, service);
  const ranked = [...alone].sort((a, b) => b.total - a.total || (digest(a) < digest(b) ? -1 : 1));
  if (ranked.some(({ total }, i) => total === ranked[i + 1]?.total)) seen.ties += 1;
  expect(whole.ranking.best.map(({ service, total }) => [service, total])).toEqual(
    ranked.map(({ service, total }) => [service, total]),
  );
  expect(routedOf(whole)?.selected.service).toBe(ranked[0]?.service);
  seen[whole.outcome.decision] += 1;
  if (routedOf(whole)?.route_class === 'fallback_chain') seen.chains += 1;
});

holds('INV-CAIO-OPT-0002: removing a service that was not selected never changes the selection', (world) => {
  const selected = routedOf(certificateOf(world))?.selected;
  for (const { id } of world.state.contracts) {
    if (id === selected?.service) continue;
    const others = world.state.contracts.filter((contract) => contract.id !== id);
    expect(routedOf(certificateOf(withContracts(world, others)))?.selected).toEqual(selected);
  }
});

/** Guarantees as strong, capabilities a superset, prices and risk no higher, else equal. */
function stronger(contract: Contract): Contract {
  const { cost, alignment, guarantees, capabilities } = contract;
  const { latency_p95_micros: p95, accuracy_ppm: accuracy } = guarantees;
  return {
    ...contract,
    version: '2.0.0',
    capabilities: [...capabilities, { type: 'extra', parameters: {} }],
    alignment: { ...alignment, risk_ppm: Math.floor(alignment.risk_ppm / 2) },
    ...(cost === undefined ? {} : { cost: { ...cost, per_request_micro_usd: 0 } }),
    guarantees: {
      ...guarantees,
      ...(p95?.max === undefined ? {} : { latency_p95_micros: { max: p95.max - 1 } }),
      ...(accuracy === undefined ? {} : { accuracy_ppm: { min: 990_000 } }),
    },
  };
}

holds('INV-CAIO-OPT-0003: a stronger contract ranks no lower', (world) => {
  const before = certificateOf(world).ranking.best;
  world.state.contracts.forEach((contract, i) => {
    const rank = before.findIndex(({ service }) => service === contract.id);
    const contracts = world.state.contracts.with(i, stronger(contract));
    const after = certificateOf(withContracts(world, contracts)).ranking.best;
    const improved = after.findIndex(({ service }) => service === contract.id);
    if (rank < 0 || improved < 0) return;
    seen.dominated += 1;
    expect(improved).toBeLessThanOrEqual(rank);
    expect(after[improved]?.total).toBeGreaterThanOrEqual(before[rank]?.total ?? 0);
  });
});

const mixedPolicies = [
  policy('mixed', [
    {
      id: 'budget',
      when: 'true',
      require:
        'service.cost.per_request_micro_usd < request.budget.max_cost_micro_usd || service.origin == "internal"',
    },
    {
      id: 'has',
      when: 'true',
      require: '!has(request.fallback.deadline_micros) || service.alignment.risk_ppm < 400000',
    },
    {
      id: 'list',
      when: 'true',
      require: 'request.requirements.capabilities.all(c, c.type == "chat") || service.zone == "default"',
    },
    {
      id: 'set',
      when: 'true',
      require: 'request.data.contains.exists(c, c in service.constraints.refuses) == false',
    },
    {
      id: 'user',
      when: 'true',
      require: '"root" in user.permissions || service.security.trust_level <= user.trust_level',
    },
    { id: 'time', when: 'true', require: 'now > 5 && service.id != "s6"' },
  ]),
];

function shuffled<T>(items: readonly T[], by: number): T[] {
  return [...items].sort((a, b) => {
    const rank = (item: T) => tieBreakDigest(by, 'shuffle', canonicalText(item));
    return rank(a) < rank(b) ? -1 : 1;
  });
}

holds('INV-CAIO-0001: the order in which contracts, policies and rows are held changes no byte', (world) => {
  const { state } = world;
  const other: State = {
    ...state,
    contracts: shuffled(state.contracts, 1),
    policies: shuffled(state.policies, 2),
    history: { ...state.history, rows: shuffled(state.history.rows, 3) },
    availability: shuffled(state.availability, 4),
  };
  expect(canonicalText(certificateOf({ ...world, state: other }))).toBe(canonicalText(certificateOf(world)));
});

holds('the order of rules in a policy changes the digest of the policies and nothing else', (world) => {
  const policies = world.state.policies.map((policy) => ({ ...policy, rules: shuffled(policy.rules, 5) }));
  const other = certificateOf({ ...world, state: { ...world.state, policies } });
  const { inputs: _, id: __, ...same } = certificateOf(world);
  expect(other).toMatchObject(same);
});

test('the order of predicates changes the findings and never who is left', () => {
  const predicates = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 69 })), { maxLength: 12 });
  fc.assert(
    fc.property(predicates, fc.integer(), (failing, by) => {
      const list = failing.map((positions, i) => {
        const fails = bitsetOf(70, positions);
        return { code: 'x', ref: String(i), fails: () => fails };
      });
      const all = fullBitset(70);
      const narrowed = narrow(all, list);
      const again = narrow(
        all,
        shuffled(
          list.map((_, i) => i),
          by,
        ).map((i) => list[i] as (typeof list)[0]),
      );
      expect(again.left).toEqual(narrowed.left);
      const gone = new Set(failing.flat());
      expect([...positionsOf(narrowed.left)]).toEqual([...positionsOf(all)].filter((i) => !gone.has(i)));
      expect(narrowed.groups.reduce((sum, { count }) => sum + count, 0)).toBe(gone.size);
    }),
    { seed, numRuns: 200 },
  );
});

holds(
  'a step only narrows, what leaves it enters the next, and every excluded service is counted once',
  (world) => {
    const { funnel, ranking } = certificateOf(world);
    let entering = funnel.registered;
    for (const { entered, left } of funnel.steps) {
      expect(entered).toBe(entering);
      expect(left).toBeLessThanOrEqual(entered);
      entering = left;
    }
    expect(entering).toBe(ranking.considered);
    const counted = funnel.exclusions.reduce((sum, { count }) => sum + count, funnel.other);
    expect(counted).toBe(funnel.registered - ranking.considered);
  },
);

holds(
  'a refusal is complete: each registered service is refused alone, at the step and for the reason given',
  (world) => {
    const { outcome, funnel } = certificateOf(world);
    if (outcome.decision === 'routed') return;
    expect(outcome.nearest).toHaveLength(Math.min(8, funnel.registered));
    for (const contract of world.state.contracts) {
      const alone = certificateOf(withContracts(world, [contract])).outcome;
      if (alone.decision === 'routed') throw new Error(`${contract.id} could have served`);
      const listed = outcome.nearest.find(({ service }) => service === contract.id);
      if (listed !== undefined) expect(alone.nearest).toEqual([listed]);
    }
  },
);

holds('a chain keeps every promise, and each of its members may serve alone', (world) => {
  const outcome = routedOf(certificateOf(world));
  if (outcome === undefined) return;
  expect(outcome.chain.length).toBeLessThanOrEqual(world.request.fallback?.max_services ?? 1);
  expect(outcome.route_class === 'single').toBe(outcome.chain.length === 1);
  for (const { service } of outcome.chain) {
    const member = world.state.contracts.filter(({ id }) => id === service);
    expect(routedOf(certificateOf(withContracts(world, member)))?.selected.service).toBe(service);
  }
  const values = Object.values(outcome.constraints).flat();
  expect(values.every((value) => value <= 0)).toBe(true);
});

test('a snapshot that has answered other requests answers as a fresh one', () => {
  fc.assert(
    fc.property(worlds(7), fc.array(worlds(3), { maxLength: 4 }), (world, others) => {
      // Policies that read request, caller and service together, loaded in every world.
      const state = { ...world.state, policies: mixedPolicies };
      const warm = snapshotOf(state);
      for (const { request } of [...others, world, ...others]) {
        const asked = { ...world, state, request };
        expect(canonicalText(certificateOf(asked, warm))).toBe(canonicalText(certificateOf(asked)));
      }
    }),
    { seed, numRuns: 60 },
  );
});

test('a snapshot made from an earlier one decides as one made from nothing, and the earlier one as before', () => {
  fc.assert(
    fc.property(worlds(7), worlds(7), fc.boolean(), (first, second, few) => {
      const earlier = snapshotOf(first.state);
      const before = canonicalText(certificateOf(first, earlier));
      const bumped = second.state.contracts.map((contract) => ({ ...contract, version: '2.0.0' }));
      // Few changes: same services but one; many: another state altogether.
      const contracts = few ? [...first.state.contracts.slice(1), ...bumped.slice(0, 1)] : bumped;
      const unique = contracts.filter((one, i) => contracts.findLastIndex(({ id }) => id === one.id) === i);
      const state = { ...(few ? first.state : second.state), contracts: unique };
      const world = { ...first, state };
      const next = certificateOf(world, snapshotOf(state, earlier));
      expect(canonicalText(next)).toBe(canonicalText(certificateOf(world)));
      expect(canonicalText(certificateOf(first, earlier))).toBe(before);
    }),
    { seed, numRuns: 200 },
  );
});

test('the generator reaches routed, refused, tied and chained decisions, and stronger contracts', () => {
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10);
});
