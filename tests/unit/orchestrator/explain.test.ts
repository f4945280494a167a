import { expect, test } from 'vitest';
import { exclusionCodes } from '../../../src/contracts/certificate.js';
import { explain } from '../../../src/orchestrator/explain.js';
import { reasonFor } from '../../../src/orchestrator/finding-reason.js';
import { contract, decided, plainRequest, policy, state } from './world.js';

const policies = [policy('hipaa', [{ id: 'local', when: 'true', require: 'service.id != "b"' }])];
const routed = decided(
  state([contract('a'), contract('b'), contract('c', { zone: 'x' })], { policies }),
).certificate;
const refused = decided(state([contract('b'), contract('c', { zone: 'x' })], { policies })).certificate;

test('tells how many services came how far', () => {
  expect(explain(routed).funnel).toEqual([
    { stage: 'registered', services: 3 },
    { stage: 'authenticated', services: 3 },
    { stage: 'matched', services: 3 },
    { stage: 'rules', services: 2 },
    { stage: 'security', services: 1 },
    { stage: 'constraints', services: 1 },
    { stage: 'selected', services: 1 },
  ]);
  expect(explain(refused).funnel.at(-1)).toEqual({ stage: 'selected', services: 0 });
});

test('gives the score term by term, and the promise', () => {
  const { ranking, text } = explain(routed);
  expect(ranking).toHaveLength(1);
  expect(ranking[0]).toMatchObject({
    rank: 1,
    service: 'a',
    terms: { guarantee: 0, reliability: 500_000, risk: 900_000 },
  });
  expect(text).toContain('routed to a 1.0.0');
  expect(text).toContain(
    'registered 3 → authenticated 3 → matched 3 → rules 2 → security 1 → constraints 1 → selected 1',
  );
  expect(text).toContain('score 0.5156412');
  expect(text).toContain('latency_p95_micros max 1000000');
  expect(text).toContain('attested, not checkable: /time');
});

test('explains a rule by its own reason where the policies are given, by its key otherwise', () => {
  expect(explain(routed).text).toContain('it violates the rule hipaa/local (b)');
  expect(explain(routed, { policies }).text).toContain(
    'it violates the rule hipaa/local: because of local (b)',
  );
});

test('a refusal says, service by service, what was lacking', () => {
  const { text, nearest } = explain(refused, { policies });
  expect(text).toContain('refused at security');
  expect(nearest.map(({ service, step }) => `${service} ${step}`)).toEqual(['c security', 'b rules']);
  expect(text).toContain("c (security)\n    its zone x is not allowed for the caller's tenant");
  expect(text).toContain('b (rules)\n    it violates the rule hipaa/local: because of local');
});

test('every code has a reason of its own that names its ref', () => {
  const codes = Object.values(exclusionCodes).flat();
  const reasons = codes.map((code) => reasonFor({ code, ref: 'REF' }, new Map()));
  expect(new Set(reasons).size).toBe(codes.length);
  expect(reasons.every((reason) => reason.length > 10)).toBe(true);
});

test('nothing registered is explained too', () => {
  const { text } = explain(decided(state([]), { request: plainRequest }).certificate);
  expect(text).toContain('registered 0');
  expect(text).toContain('refused at matching');
});
