import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../../src/contracts/certificate.js';
import { canonicalText } from '../../../src/verifier/canonical.js';
import { digest } from '../../../src/verifier/digest.js';
import { rederive } from '../../../src/verifier/index.js';
import { type Case, decisionCase, generator } from './cases.js';
import { changesOf } from './changes.js';
import { check, firstFalse, pack, seal } from './signed.js';

const seed = 20261;

interface Decided extends Case {
  readonly certificate: Certificate;
}

function* decided(from: number): Generator<Decided> {
  const draw = generator(from);
  for (;;) {
    const made = decisionCase(draw);
    yield { ...made, certificate: rederive(made.state, made.given) };
  }
}

/** The first cases of each kind: one service, a chain, a refusal. */
function oneOfEach(): Decided[] {
  const kinds = new Map<string, Decided>();
  for (const found of decided(seed)) {
    const { outcome, funnel } = found.certificate;
    const kind = outcome.decision === 'routed' ? outcome.route_class : 'refused';
    if (funnel.registered > 2 && funnel.registered < 6 && !kinds.has(kind)) kinds.set(kind, found);
    if (kinds.size === 3) return [...kinds.values()];
  }
  return [];
}

/** Digests made anew, so that only the meaning is left to object to. */
function redigested(certificate: Certificate, inputs: Certificate['inputs']): Certificate {
  const whole = { ...inputs, request_digest: digest('caio/request/v1', inputs.request) };
  return { ...certificate, inputs: whole, id: digest('caio/decision/v1', whole) };
}

/** Is the certificate that of the same state and other inputs? Then it is true, of another decision. */
function isAnotherDecision({ state }: Case, forged: Certificate): boolean {
  const {
    request,
    commitments,
    caller,
    time,
    seed: sigma,
    seed_origin: seedOrigin,
    state: roots,
  } = forged.inputs;
  const history = { ...state.history, from: roots.history_from, to: roots.history_to };
  const other = { ...state, history, as_of: roots.as_of };
  return (
    canonicalText(rederive(other, { request, commitments, caller, time, seed: sigma, seedOrigin })) ===
    canonicalText(forged)
  );
}

describe('tampering, signed again by the same key', () => {
  it('is caught for every single change of a certificate', async () => {
    const codes = new Set<string>();
    let changes = 0;
    for (const made of oneOfEach()) {
      const honest = pack(made.certificate, made.state, 3);
      for (const { what, changed } of changesOf(made.certificate)) {
        const found = firstFalse(await check({ ...honest, envelope: seal(changed as Certificate) }));
        expect(found, what).not.toBe('holds');
        codes.add(found);
        changes += 1;
      }
    }
    console.log(`tampered certificates: ${changes} changes, seed ${seed}, ${[...codes].sort().join(', ')}`);
    expect(changes).toBeGreaterThan(900);
    expect(codes.size).toBeGreaterThan(10);
  });

  it('is caught for every change of the inputs that is not another true decision', async () => {
    let caught = 0;
    let others = 0;
    for (const made of oneOfEach()) {
      const honest = pack(made.certificate, made.state, 3);
      for (const { what, changed } of changesOf(made.certificate.inputs)) {
        const inputs = changed as Certificate['inputs'];
        if (inputs.request === undefined) continue;
        const forged = redigested(made.certificate, inputs);
        const report = await check({ ...honest, envelope: seal(forged) });
        if (report.holds) expect(isAnotherDecision(made, forged), what).toBe(true);
        if (report.holds) others += 1;
        else caught += 1;
      }
    }
    expect(caught).toBeGreaterThan(200);
    expect(others).toBeGreaterThan(5);
  });

  it.each([2, 3] as const)('is caught for every single change of the evidence of level %i', async (level) => {
    const codes = new Set<string>();
    for (const { certificate, state } of oneOfEach()) {
      for (const { what, changed } of changesOf(pack(certificate, state, level))) {
        const found = firstFalse(await check(changed, level));
        if (isLabelOfProof(what) && found === 'holds') continue;
        expect(found, what).not.toBe('holds');
        codes.add(found);
      }
    }
    expect(codes.size).toBeGreaterThan(5);
  });

  // A decision made for other inputs, presented as the decision for these: every digest is right, the service is not.
  const presented: readonly (readonly [
    string,
    (inputs: Certificate['inputs']) => Partial<Certificate['inputs']>,
  ])[] = [
    ['2 authentication_fails', ({ caller, time }) => ({ caller: { ...caller, expires: time } })],
    ['2 authentication_fails', ({ caller }) => ({ caller: { ...caller, issuer: 'https://other.example' } })],
    [
      '2 matching_fails',
      ({ request }) => ({
        request: {
          ...request,
          requirements: {
            ...request.requirements,
            match: 'all',
            capabilities: [{ type: 'paint', parameters: {} }],
          },
        },
      }),
    ],
    ['2 rules_fail', ({ caller }) => ({ time: 0, caller: { ...caller, not_before: 0 } })],
    ['2 security_fails', ({ caller }) => ({ caller: { ...caller, permissions: [] } })],
    ['2 security_fails', ({ caller }) => ({ caller: { ...caller, trust_level: -1 } })],
    [
      '2 security_fails',
      ({ request }) => ({ request: { ...request, data: { ...request.data, jurisdictions: ['MARS'] } } }),
    ],
    [
      '2 constraints_fail',
      ({ request }) => ({
        request: {
          ...request,
          requirements: {
            ...request.requirements,
            constraints: { ...request.requirements.constraints, certifications: ['iso9'] },
          },
        },
      }),
    ],
    [
      '2 constraints_fail',
      ({ request }) => ({
        request: { ...request, traits: { ...request.traits, confidential_ppm: 1_000_000 } },
      }),
    ],
    [
      '2 constraint_values_wrong',
      ({ request }) => ({
        request: { ...request, traits: { ...request.traits, risk_tolerance_ppm: 999_999 } },
      }),
    ],
    [
      '2 terms_wrong',
      ({ request }) => ({
        request: { ...request, profile: request.profile === 'fastest' ? 'cheapest' : 'fastest' },
      }),
    ],
    ['2 profile_unknown', ({ request }) => ({ request: { ...request, profile: 'none' } })],
    [
      '1 outcome_wrong',
      ({ request }) => ({
        request: {
          ...request,
          requirements: { ...request.requirements, guarantees: { throughput_micro_rps: { min: 1 } } },
        },
      }),
    ],
    ['1 outcome_wrong', ({ request }) => ({ request: { ...request, budget: { max_cost_micro_usd: 0 } } })],
  ];

  it.each(presented)('gives %s for a decision presented under other inputs', async (expected, change) => {
    const seen: string[] = [];
    for (const made of decided(seed + 1)) {
      if (seen.length >= 30 || seen.includes(expected)) break;
      if (made.certificate.outcome.decision === 'refused') continue;
      const forged = redigested(made.certificate, {
        ...made.certificate.inputs,
        ...change(made.certificate.inputs),
      });
      const report = await check({ ...pack(made.certificate, made.state, 3), envelope: seal(forged) });
      if (report.holds) expect(isAnotherDecision(made, forged)).toBe(true);
      seen.push(firstFalse(report));
    }
    expect(seen).toContain(expected);
  });

  it('catches an honest operator of another state: rules, parameters and rows are bound', async () => {
    for (const { certificate, state } of oneOfEach()) {
      const [policy] = state.policies;
      const [contract] = state.contracts;
      if (policy === undefined || contract === undefined) throw new Error('a policy and a contract');
      const bundle = pack(certificate, state, 3);
      const others: readonly (readonly [string, object])[] = [
        ['2 parameters_digest_wrong', { parameters: { ...state.parameters, deadline_micros: 1 } }],
        ['2 policies_root_wrong', { policies: [] }],
        ['3 history_root_wrong', { history: [] }],
        [
          '3 registry_root_wrong',
          { contracts: state.contracts.filter(({ id }) => id !== contractOutside(certificate, state)) },
        ],
      ];
      for (const [expected, other] of others) {
        const report = await check({ ...bundle, ...other });
        if (expected.endsWith('history_root_wrong'))
          expect(['2 terms_wrong', expected]).toContain(firstFalse(report));
        else expect(firstFalse(report)).toBe(expected);
      }
    }
  });
});

/**
 * The size a history proof states is a label: a root does not bind it, and the claim, that the row is in the set, is the
 * same under any size for which the proof leads to the root.
 */
function isLabelOfProof(what: string): boolean {
  return /^\/members\/\d\/history\/inclusion\/(?:size|index) changed$/.test(what);
}

/** A registered service that is not in the chain, so that only the whole state misses it. */
function contractOutside({ outcome }: Certificate, { contracts }: Case['state']): string | undefined {
  const chain = outcome.decision === 'routed' ? outcome.chain.map(({ service }) => service) : [];
  return contracts.find(({ id }) => !chain.includes(id))?.id;
}
