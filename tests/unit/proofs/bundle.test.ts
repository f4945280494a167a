import { expect, test } from 'vitest';
import type { BundleLevel2, SetAbsence } from '../../../src/contracts/bundle.js';
import { availabilityRowDigest, contractDigest, historyRowDigest } from '../../../src/contracts/digests.js';
import type { HistoryRow, State } from '../../../src/contracts/state.js';
import { type Digest, parseDigest } from '../../../src/kernel/digest.js';
import { packBundle } from '../../../src/proofs/bundle.js';
import { signCertificate } from '../../../src/proofs/envelope.js';
import { documentSet, proveAbsence } from '../../../src/proofs/set-evidence.js';
import { signingKeyOf } from '../../../src/proofs/signing-key.js';
import { rootOfInclusion } from '../../../src/verifier/inclusion.js';
import { contract, decided, plainRequest, policy, state } from '../orchestrator/world.js';

const rows = (...services: string[]): HistoryRow[] =>
  services.map((service) => ({ service, trials: 2, successes: 1 }));
const whole: State = state(
  ['a', 'b', 'c', 'd'].map((id) => contract(id)),
  {
    policies: [policy('p', [{ id: 'r', when: 'true', require: 'true' }])],
    history: { from: 0, to: 9, rows: rows('a', 'c') },
    availability: [{ service: 'd', state: 'held_out', reason: 'slow' }],
  },
);
const request = { ...plainRequest, fallback: { max_services: 3, deadline_micros: 10 } };
const { certificate } = decided(whole, { request });
const key = signingKeyOf('k', new Uint8Array(32));
if (!key.ok) throw new Error('no key');
const envelope = signCertificate(certificate, key.value);

function packed<L extends 1 | 2 | 3>(level: L) {
  const bundle = packBundle(envelope, certificate, whole, level);
  if (!bundle.ok || bundle.value.level !== level) throw new Error(JSON.stringify(bundle));
  return bundle.value as Extract<typeof bundle.value, { level: L }>;
}

const root = (part: keyof typeof certificate.inputs.state): Digest => {
  const parsed = parseDigest(String(certificate.inputs.state[part]));
  if (!parsed.ok) throw new Error('no digest');
  return parsed.value;
};
type Inclusion = BundleLevel2['members'][number]['inclusion'];
const included = (of: Digest, id: string, digest: Digest, proof: Inclusion) =>
  rootOfInclusion({ id, digest }, proof) === of;

test('level 1 is the envelope alone', () => {
  expect(packed(1)).toEqual({ type: 'caio/bundle/v1', level: 1, envelope });
});

test('level 2 proves, for every service of the chain, its contract and rows in the certified sets', () => {
  const { members, policies, parameters } = packed(2);
  expect(policies).toEqual(whole.policies);
  expect(parameters).toEqual(whole.parameters);
  const { outcome } = certificate;
  expect(outcome.decision === 'routed' && outcome.chain.map(({ service }) => service)).toEqual(
    members.map(({ contract: { id } }) => id),
  );
  expect(members).toHaveLength(3);
  for (const { contract: c, inclusion, history, availability } of members) {
    expect(included(root('registry'), c.id, contractDigest(c), inclusion)).toBe(true);
    if ('row' in history) {
      expect(['a', 'c']).toContain(c.id);
      expect(included(root('history'), c.id, historyRowDigest(history.row), history.inclusion)).toBe(true);
    } else {
      expect(c.id).toBe('b');
      expect([history.before?.row.service, history.after?.row.service]).toEqual(['a', 'c']);
    }
    expect(availability).toMatchObject({ size: 1, after: { row: { service: 'd' } } });
    const next = availability.after;
    if (next === undefined) throw new Error('no neighbour');
    expect(included(root('availability'), 'd', availabilityRowDigest(next.row), next.inclusion)).toBe(true);
  }
});

test('level 3 is the whole state', () => {
  const { contracts, history, availability, policies } = packed(3);
  expect({ contracts, history, availability, policies }).toEqual({
    contracts: whole.contracts,
    history: whole.history.rows,
    availability: whole.availability,
    policies: whole.policies,
  });
});

test('a refusal has no members', () => {
  const refused = decided(state([])).certificate;
  const bundle = packBundle(signCertificate(refused, key.value), refused, state([]), 2);
  expect(bundle).toMatchObject({ ok: true, value: { members: [] } });
});

test('another state than the certified one is refused, part by part', () => {
  const other: State = {
    ...whole,
    contracts: whole.contracts.slice(1),
    policies: [],
    parameters: { ...whole.parameters, deadline_micros: 1 },
    history: { ...whole.history, rows: [] },
    availability: [],
  };
  for (const level of [2, 3] as const) {
    const bundle = packBundle(envelope, certificate, other, level);
    expect(bundle.ok ? [] : bundle.error.map(({ path }) => path)).toEqual(
      ['registry', 'policies', 'parameters', 'history', 'availability'].map(
        (part) => `/inputs/state/${part}`,
      ),
    );
  }
});

test('absence is shown by adjacent neighbours, at both ends, between, and in the empty set', () => {
  const set = (...services: string[]) =>
    documentSet(rows(...services), ({ service }) => service, historyRowDigest);
  const shape = ({ size, before, after }: SetAbsence<HistoryRow>) => [
    size,
    before?.row.service,
    before?.inclusion.index,
    after?.row.service,
    after?.inclusion.index,
  ];
  expect(shape(proveAbsence(set(), 'm'))).toEqual([0, undefined, undefined, undefined, undefined]);
  expect(shape(proveAbsence(set('b', 'd', 'f'), 'a'))).toEqual([3, undefined, undefined, 'b', 0]);
  expect(shape(proveAbsence(set('b', 'd', 'f'), 'e'))).toEqual([3, 'd', 1, 'f', 2]);
  expect(shape(proveAbsence(set('b', 'd', 'f'), 'g'))).toEqual([3, 'f', 2, undefined, undefined]);
  expect(() => proveAbsence(set('b'), 'b')).toThrow('not absent');
});
