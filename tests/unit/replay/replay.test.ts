import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../../src/contracts/certificate.js';
import type { Policy } from '../../../src/contracts/policy.js';
import { canonicalText } from '../../../src/kernel/canonical.js';
import { decide } from '../../../src/orchestrator/decide.js';
import { sealRequest } from '../../../src/orchestrator/seal.js';
import { buildSnapshot } from '../../../src/orchestrator/snapshot.js';
import { replayer } from '../../../src/replay/replay.js';
import { addTo, noTotals } from '../../../src/replay/totals.js';
import { drawWorld } from '../../generators/decision.js';
import { samplePool } from '../../generators/pool.js';
import { seed } from '../../support/seed.js';

const worlds = 200;

const pool = samplePool(seed, 200);

/** Decisions of the engine over generated states, as a log would have them: of context only what the policies of the time declare. */
const decided = Array.from({ length: worlds }, (_, index) => drawWorld(seed, index, pool)).flatMap(
  ({ state, questions }) => {
    const snapshot = buildSnapshot(state);
    const [question] = questions;
    if (!snapshot.ok || question === undefined) return [];
    const { request, caller } = question;
    const sealed = sealRequest({ request }, { caller }, snapshot.value, undefined);
    const decision = sealed.ok
      ? decide({ ...question, request: sealed.value.request }, snapshot.value)
      : sealed;
    return decision.ok ? [{ state, certificate: decision.value.certificate }] : [];
  },
);
const routed = decided.filter(({ certificate }) => certificate.outcome.decision === 'routed');

const banning = (id: string, service: string): Policy => ({
  id,
  version: '1',
  context: {},
  rules: [
    {
      id: 'r',
      type: 'compliance',
      when: 'true',
      require: `service.id != "${service}"`,
      reason: 'what if',
      priority: 0,
    },
  ],
});

function replay(
  certificate: Certificate,
  state: (typeof decided)[number]['state'],
  replacement: Parameters<typeof replayer>[0],
) {
  const result = replayer(replacement)(certificate, 7, state);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

describe('a replay', () => {
  it('has decisions to look at, of both kinds', () => {
    expect(routed.length).toBeGreaterThan(50);
    expect(decided.length - routed.length).toBeGreaterThan(20);
  });

  it('with what was in the place of what was changes nothing', () => {
    const totals = noTotals();
    for (const { certificate, state } of decided) {
      const { policies, contracts, parameters } = state;
      for (const mode of ['in place', 'on top'] as const) {
        const replayed = replay(certificate, state, { policies, contracts, parameters, mode });
        expect(replayed.changed).toBeUndefined();
        expect(replayed.after).toEqual(replayed.before);
        addTo(totals, replayed);
      }
    }
    expect(totals.unchanged).toBe(2 * decided.length);
    expect(totals.before).toEqual(totals.after);
  });

  it('under a rule that excludes the selected service always changes, and says that the rule is why', () => {
    for (const { certificate, state } of routed) {
      if (certificate.outcome.decision !== 'routed') continue;
      const { service } = certificate.outcome.selected;
      const policy = banning('aaa-ban', service);
      const { changed } = replay(certificate, state, { policies: [policy], mode: 'on top' });
      expect(['service', 'routed_to_refused']).toContain(changed?.change);
      expect(changed?.why).toMatchObject({ kind: 'excluded', service, step: 'rules', ref: 'aaa-ban/r' });
    }
  });

  it('without a service that was not in the chain gives the same services', () => {
    for (const { certificate, state } of routed) {
      const { outcome } = certificate;
      if (outcome.decision !== 'routed') continue;
      const loser = state.contracts.find(({ id }) => !outcome.chain.some(({ service }) => service === id));
      if (loser === undefined) continue;
      const contracts = state.contracts.filter(({ id }) => id !== loser.id);
      const { after, before } = replay(certificate, state, { contracts, mode: 'in place' });
      // A longer chain may now fit: the first stays the first.
      expect(after).toMatchObject({
        decision: 'routed',
        service: before.decision === 'routed' ? before.service : '',
      });
    }
  });

  it('without any service refuses everything, because none of them is registered', () => {
    for (const { certificate, state } of routed) {
      const { changed } = replay(certificate, state, { contracts: [], mode: 'in place' });
      expect(changed).toMatchObject({ change: 'routed_to_refused', why: { kind: 'not_registered' } });
    }
  });

  it('is refused when the certificate is not what the engine decides, whatever was changed in it', () => {
    const numbers = (text: string): number[] => [...text.matchAll(/\d/g)].map(({ index }) => index);
    fc.assert(
      fc.property(fc.nat({ max: decided.length - 1 }), fc.nat(), (n, at) => {
        const { certificate, state } = decided[n] as (typeof decided)[number];
        const text = canonicalText(certificate);
        const places = numbers(text);
        const place = places[at % places.length] as number;
        const digit = String((Number(text[place]) + 1) % 10 || 1);
        if (digit === text[place]) return;
        let changed: Certificate;
        try {
          changed = JSON.parse(text.slice(0, place) + digit + text.slice(place + 1));
        } catch {
          return;
        }
        if (canonicalText(changed) === text) return;
        const result = replayer({ policies: [], mode: 'on top' })(changed, 7, state);
        // Inputs that were changed are another question, with another id than the certificate names.
        expect(result).toMatchObject({ ok: false, error: { kind: 'not_faithful', log_index: 7 } });
      }),
      { seed, numRuns: 200 },
    );
  });

  it('names the state that does not build with what is given', () => {
    const [{ certificate, state }] = decided as [(typeof decided)[number]];
    const policies = [
      { ...banning('bad', 'x'), rules: [{ ...banning('bad', 'x').rules[0], require: 'nonsense(' }] },
    ] as Policy[];
    const result = replayer({ policies, mode: 'in place' })(certificate, 7, state);
    expect(result).toMatchObject({ ok: false, error: { kind: 'state', replaced: true, log_index: 7 } });
  });
});
