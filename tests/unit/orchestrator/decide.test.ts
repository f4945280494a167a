import { expect, test } from 'vitest';
import type { Contract } from '../../../src/contracts/contract.js';
import { contractDigest, requestDigest } from '../../../src/contracts/digests.js';
import { digestOf } from '../../../src/kernel/digest.js';
import { setRoot } from '../../../src/kernel/merkle.js';
import { tieBreakDigest } from '../../../src/optimization/ranking.js';
import { decide } from '../../../src/orchestrator/decide.js';
import { buildSnapshot } from '../../../src/orchestrator/snapshot.js';
import { contract, decided, inputs, plainCaller, plainRequest, policy, snapshotOf, state } from './world.js';

const slower = (id: string, micros: number, more: Partial<Contract> = {}) =>
  contract(id, { guarantees: { latency_p95_micros: { max: micros } }, ...more });

test('a profile that the parameters do not define is invalid, whatever every object has', () => {
  for (const profile of ['none', 'constructor', '__proto__']) {
    const decision = decide(
      inputs({ request: { ...plainRequest, profile } }),
      snapshotOf(state([contract('a')])),
    );
    expect(decision).toMatchObject({
      ok: false,
      error: [{ code: 'unknown_profile', path: '/request/profile' }],
    });
  }
});

test('a request or caller that is too large is invalid, each with its path', () => {
  const request = { ...plainRequest, context: { note: 'x'.repeat(4_096) } };
  const caller = { ...plainCaller, permissions: ['x'.repeat(2_048)] };
  const decision = decide(inputs({ request, caller }), snapshotOf(state([])));
  expect(decision.ok ? [] : decision.error.map(({ code, path }) => `${code} ${path}`)).toEqual([
    'document_too_large /request',
    'document_too_large /caller',
  ]);
});

test('the certificate names its inputs by digest and its id is theirs', () => {
  const whole = state([contract('a')]);
  const { inputs: made, id } = decided(whole).certificate;
  expect(id).toBe(digestOf('caio/decision/v1', made));
  expect(made.request_digest).toBe(requestDigest(plainRequest));
  expect(made.state.registry).toBe(
    setRoot(whole.contracts.map((c) => ({ id: c.id, digest: contractDigest(c) }))),
  );
  expect(made.state).toMatchObject({ as_of: 7, history_from: 0, history_to: 0 });
});

test.each([
  [
    'jwt',
    'caller',
    ['/caller', '/commitments', '/request', '/request_digest', '/seed', '/seed_origin'],
    ['/time'],
  ],
  [
    'jwt',
    'server',
    ['/caller', '/commitments', '/request', '/request_digest'],
    ['/seed', '/seed_origin', '/time'],
  ],
  [
    'api_key',
    'caller',
    ['/commitments', '/request', '/request_digest', '/seed', '/seed_origin'],
    ['/caller', '/time'],
  ],
  [
    'local',
    'server',
    ['/commitments', '/request', '/request_digest'],
    ['/caller', '/seed', '/seed_origin', '/time'],
  ],
] as const)('provenance with %s and a seed of the %s', (method, seedOrigin, opened, attested) => {
  const { provenance } = decided(state([]), { caller: { ...plainCaller, method }, seedOrigin }).certificate
    .inputs;
  expect(provenance).toEqual({ derived: ['/state'], opened, attested });
});

test('the faster of two equal services is selected, and the chain is what may be called', () => {
  const { certificate, chain } = decided(state([slower('a', 900), slower('b', 800)]));
  expect(certificate.outcome).toMatchObject({
    decision: 'routed',
    route_class: 'single',
    selected: { service: 'b' },
  });
  expect(chain.map(({ id }) => id)).toEqual(['b']);
  expect(certificate.ranking.best.map(({ service }) => service)).toEqual(['b', 'a']);
  expect(certificate.outcome).toMatchObject({ control: { kappa_ppm: 0, u: [] } });
});

test('equal services are ranked by tie-break digest, and another seed orders them otherwise', () => {
  const many = state(Array.from({ length: 20 }, (_, i) => contract(`s${i}`)));
  const orders = [1, 2, 3].map((seed) => {
    const { ranking } = decided(many, { seed }).certificate;
    expect(ranking.considered).toBe(20);
    expect(ranking.best).toHaveLength(16);
    const digests = ranking.best.map(({ service }) =>
      tieBreakDigest(seed, requestDigest(plainRequest), service),
    );
    expect(digests).toEqual([...digests].sort());
    return ranking.best.map(({ service }) => service).join();
  });
  expect(new Set(orders).size).toBe(3);
});

test('a fallback chain is the longest prefix of the ranking that keeps every limit', () => {
  const three = state([slower('a', 100), slower('b', 200), slower('c', 300)]);
  const chainFor = (budget: (typeof plainRequest)['budget'], most = 3) => {
    const request = { ...plainRequest, budget, fallback: { max_services: most, deadline_micros: 1_000 } };
    const { chain, certificate } = decided(three, { request });
    expect(certificate.outcome).toMatchObject({
      route_class: chain.length === 1 ? 'single' : 'fallback_chain',
      promise: { cost_micro_usd: 2_000 * chain.length },
    });
    return chain.map(({ id }) => id).join('');
  };
  expect(chainFor({})).toBe('abc');
  expect(chainFor({}, 2)).toBe('ab');
  expect(chainFor({}, 1)).toBe('a');
  // a, then b: 1,000 + 200; a, then b, then c: 2,000 + 300.
  expect(chainFor({ max_latency_micros: 2_300 })).toBe('abc');
  expect(chainFor({ max_latency_micros: 2_299 })).toBe('ab');
  expect(chainFor({ max_latency_micros: 1_199 })).toBe('a');
  expect(chainFor({ max_cost_micro_usd: 5_999 })).toBe('ab');
});

test('a longer prefix may keep what a shorter one does not', () => {
  const risky = (id: string, max: number, risk_ppm: number) =>
    slower(id, max, { alignment: { certifications: [], risk_ppm } });
  const three = state([risky('a', 100, 0), risky('b', 1_200, 0), risky('c', 500, 900_000)]);
  const guarantees = { latency_p50_micros: { max: 1_250 } };
  const chainOf = (most: number) => {
    const fallback = { max_services: most, deadline_micros: 100 };
    const requirements = { ...plainRequest.requirements, guarantees };
    const { chain, certificate } = decided(three, { request: { ...plainRequest, requirements, fallback } });
    expect(certificate.ranking.best.map(({ service }) => service).join('')).toBe('abc');
    return chain.map(({ id }) => id).join('');
  };
  // a, then b: 100 + 1,200 is too late; a, then b, then c: 200 + 500.
  expect(chainOf(2)).toBe('a');
  expect(chainOf(3)).toBe('abc');
});

test('what is wrong with a state is said by path: rules, contexts, repeated ids', () => {
  const built = buildSnapshot(
    state([contract('a'), contract('a')], {
      policies: [
        policy('p', [{ id: 'r', when: 'request.nothing == 1', require: 'true' }]),
        policy('q', []),
        policy('q', []),
      ],
      history: {
        from: 0,
        to: 1,
        rows: [
          { service: 'a', trials: 1, successes: 1 },
          { service: 'a', trials: 2, successes: 1 },
        ],
      },
    }),
  );
  expect(built.ok ? [] : built.error.map(({ path }) => path)).toEqual([
    '/contracts/a',
    '/policies/p/rules/0/when',
    '/policies/q',
    '/history/a',
  ]);
});

test('a decision in flight keeps the snapshot it began with', () => {
  const before = snapshotOf(state([slower('a', 100), slower('b', 200)]));
  const after = snapshotOf(state([slower('b', 200)]), before);
  const selected = (snapshot: typeof before) => {
    const decision = decide(inputs(), snapshot);
    return decision.ok && decision.value.chain[0]?.id;
  };
  expect([selected(before), selected(after), selected(before)]).toEqual(['a', 'b', 'a']);
});

test('disabling and enabling a service takes effect at once and shares the registry', () => {
  const contracts = [slower('a', 100), slower('b', 200)];
  const on = snapshotOf(state(contracts));
  const off = snapshotOf(
    state(contracts, { availability: [{ service: 'a', state: 'disabled', reason: '' }] }),
    on,
  );
  const back = snapshotOf(state(contracts), off);
  const selected = [on, off, back].map((snapshot) => {
    const decision = decide(inputs(), snapshot);
    return decision.ok && decision.value.chain[0]?.id;
  });
  expect(selected).toEqual(['a', 'b', 'a']);
  expect(off.registry.index).toBe(on.registry.index);
});
