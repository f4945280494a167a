import { beforeAll, expect, test } from 'vitest';
import type { Certificate } from '../../src/contracts/certificate.js';
import type { Contract } from '../../src/contracts/contract.js';
import { defaultParameters } from '../../src/contracts/default-parameters.js';
import { type GuaranteeProperty, guaranteeProperties } from '../../src/contracts/guarantee.js';
import type { Policy } from '../../src/contracts/policy.js';
import type { Request } from '../../src/contracts/request.js';
import { canonicalBytes } from '../../src/kernel/canonical.js';
import { decide } from '../../src/orchestrator/decide.js';
import type { Snapshot } from '../../src/orchestrator/snapshot.js';
import {
  contract,
  inputs,
  plainCaller,
  plainRequest,
  policy,
  snapshotOf,
  state,
} from '../unit/orchestrator/world.js';

const mostBytes = 16_384;
const services = 10_000;
/** 48 characters, the longest that an id can have. */
const longId = (prefix: string, i: number) => `${prefix}-${String(i).padStart(5, '0')}`.padEnd(48, 'x');
const version = 'v'.repeat(32);

/** Every guarantee there is, at its largest. */
const everything = Object.fromEntries(
  Object.entries(guaranteeProperties).map(([name, { operator, most }]) => [name, { [operator]: most }]),
) as { [P in GuaranteeProperty]: { min?: number; max?: number; equals?: number } };

const rule = (i: number) => ({
  id: longId('rule', i),
  when: 'true',
  require: `service.zone != "z${i % 40}"`,
});
const policies: readonly Policy[] = [
  policy(
    longId('policy', 0),
    Array.from({ length: 200 }, (_, i) => rule(i)),
  ),
];

const contracts: readonly Contract[] = Array.from({ length: services }, (_, i) =>
  contract(longId('service', i), {
    version,
    zone: `z${i % 400}`,
    guarantees: everything,
    privacy: {
      ...contract('x').privacy,
      regions: Array.from({ length: 8 }, (_, r) => `region-${r}`.padEnd(16, 'x')),
      jurisdictions: ['AA', 'BB', `J${i % 90}`],
    },
  }),
);

/** A clear request of almost all the bytes that are allowed. */
function largestRequest(more: Partial<Request>): Request {
  const request = { ...plainRequest, ...more };
  const room = 4_096 - canonicalBytes({ ...request, context: { note: '' } }).length;
  return { ...request, context: { note: 'n'.repeat(room) } };
}
const largestCaller = {
  ...plainCaller,
  permissions: Array.from({ length: 30 }, (_, i) => longId('permission', i)),
};
const commitments = Object.fromEntries(
  ['caller.subject', 'payload', 'request.subject'].map((name) => [name, 'f'.repeat(64)]),
);

let snapshot: Snapshot;
beforeAll(() => {
  const zones = { '*': Array.from({ length: 400 }, (_, i) => `z${i}`) };
  snapshot = snapshotOf(state(contracts, { policies, parameters: { ...defaultParameters, zones } }));
});

function certificateFor(request: Request): Certificate {
  const decision = decide(
    inputs({ request, caller: largestCaller, commitments, seed: 2 ** 53 - 1, time: 1_999_999 }),
    snapshot,
  );
  if (!decision.ok) throw new Error(JSON.stringify(decision.error));
  return decision.value.certificate;
}

test('the largest routed certificate has at most 16 KiB, and a smaller room was needed for it', () => {
  const fallback = { max_services: 3, deadline_micros: 1 };
  const certificate = certificateFor(largestRequest({ fallback }));
  expect(certificate.outcome.decision).toBe('routed');
  expect(canonicalBytes(certificate).length).toBeLessThanOrEqual(mostBytes);
  expect(canonicalBytes(certificate).length).toBeGreaterThan(mostBytes / 2);
  expect(certificate.ranking.best.length).toBeLessThan(16);
});

test('the largest refusal has at most 16 KiB, and its arithmetic still adds up', () => {
  const data = { ...plainRequest.data, jurisdictions: ['AA'] };
  const certificate = certificateFor(largestRequest({ data }));
  expect(certificate.outcome.decision).toBe('refused');
  expect(canonicalBytes(certificate).length).toBeLessThanOrEqual(mostBytes);
  const { exclusions, other, registered } = certificate.funnel;
  expect(exclusions.reduce((sum, { count }) => sum + count, other)).toBe(registered);
  expect(registered).toBe(services);
  expect(other).toBeGreaterThan(0);
});

test('a small decision keeps the whole room', () => {
  const few = snapshotOf(state(contracts.slice(0, 20).map((c) => ({ ...c, zone: 'default' }))));
  const decision = decide(inputs(), few);
  expect(decision.ok && decision.value.certificate.ranking.best.length).toBe(16);
});
