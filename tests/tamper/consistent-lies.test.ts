import { afterAll, describe, expect, test } from 'vitest';
import type { Certificate, CertificateInputs } from '../../src/contracts/certificate.js';
import type { Contract } from '../../src/contracts/contract.js';
import { requestDigest } from '../../src/contracts/digests.js';
import type { Request } from '../../src/contracts/request.js';
import type { State } from '../../src/contracts/state.js';
import { canonicalText } from '../../src/kernel/canonical.js';
import { digestOf } from '../../src/kernel/digest.js';
import type { DecisionInputs } from '../../src/orchestrator/question.js';
import { signCertificate } from '../../src/proofs/envelope.js';
import { verify } from '../../src/verifier/index.js';
import { decided } from '../unit/orchestrator/world.js';
import { type BaseDecision, baseDecisions, bundleOf, key, verifierKey } from './base-decisions.js';
import { verdictOf } from './expected-codes.js';

/**
 * An operator who decides by something other than what he certifies: the certificate is the engine's own, on another state or other inputs, with
 * every digest made to fit again, and signed by the right key. Nothing in it contradicts itself.
 */
const verdicts: string[] = [];
afterAll(() => {
  const counts = new Map<string, number>();
  for (const verdict of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const shown = [...counts].sort().map(([verdict, count]) => `${verdict} ${count}`);
  console.log(`consistent lies, caught: ${shown.join(', ')}`);
});

const [single, chain, refusal] = baseDecisions as readonly [BaseDecision, BaseDecision, BaseDecision];

function questionOf({ certificate: { inputs } }: BaseDecision): DecisionInputs {
  const { request, commitments, caller, time, seed, seed_origin: seedOrigin } = inputs;
  return { request, commitments, caller, time, seed, seedOrigin };
}

/** The certificate of another decision, claiming the inputs of this one. */
function claiming(certificate: Certificate, inputs: CertificateInputs): Certificate {
  return { ...certificate, inputs, id: digestOf('caio/decision/v1', inputs) };
}

async function verdictOn(
  certificate: Certificate,
  { certificate: honest, state }: BaseDecision,
): Promise<string> {
  // Packed for the honest certificate and its chain: where the liar's chain differs, with the contracts of that.
  const chainOf = ({ outcome }: Certificate) => (outcome.decision === 'routed' ? outcome.chain : undefined);
  const packed = { name: '', certificate: chainOf(certificate) === undefined ? honest : certificate, state };
  const envelope = signCertificate(certificate, key);
  const verdict = verdictOf(
    await verify(canonicalText({ ...bundleOf(packed, 3), envelope }), { key: verifierKey }),
  );
  verdicts.push(verdict);
  return verdict;
}

describe('a decision made on another state than the one it is certified for is refused:', () => {
  const without = (id: string) => (state: State) => ({
    ...state,
    contracts: state.contracts.filter((contract) => contract.id !== id),
  });
  const changed = (id: string, change: (contract: Contract) => Contract) => (state: State) => ({
    ...state,
    contracts: state.contracts.map((contract) => (contract.id === id ? change(contract) : contract)),
  });
  const lies: readonly (readonly [string, BaseDecision, (state: State) => State, string])[] = [
    ['the best service was not considered', single, without('alpha'), '3 funnel_wrong'],
    ['an excluded service was not counted', single, without('no-chat'), '3 funnel_wrong'],
    ['a loser was not considered', chain, without('gamma'), '3 funnel_wrong'],
    ['rules were not asked', single, (state) => ({ ...state, policies: [] }), '2 rules_wrong'],
    [
      'a rule was softened',
      single,
      (state) => ({
        ...state,
        policies: state.policies.map((policy) => ({
          ...policy,
          rules: policy.rules.map((rule) => ({ ...rule, require: 'true' })),
        })),
      }),
      '3 funnel_wrong',
    ],
    [
      'a service that is disabled was not',
      chain,
      (state) => ({ ...state, availability: [] }),
      '2 matching_fails',
    ],
    [
      'the best service was called disabled',
      single,
      (state) => ({
        ...state,
        availability: [{ service: 'alpha', state: 'disabled', reason: 'no' }, ...state.availability],
      }),
      '3 funnel_wrong',
    ],
    [
      'history was forgotten',
      chain,
      (state) => ({ ...state, history: { ...state.history, rows: [] } }),
      '2 terms_wrong',
    ],
    [
      'history of a loser was polished',
      single,
      (state) => ({
        ...state,
        history: {
          ...state.history,
          rows: state.history.rows.map((row) =>
            row.service === 'gamma' ? { ...row, trials: 900, successes: 900 } : row,
          ),
        },
      }),
      '2 terms_wrong',
    ],
    [
      'another weight was used',
      single,
      (state) => ({
        ...state,
        parameters: {
          ...state.parameters,
          profiles: { balanced: [0, 0, 0, 0, 0, 0, 1_000_000, 0, 0] },
        },
      }),
      '2 terms_wrong',
    ],
    [
      'another scale was used',
      single,
      (state) => ({
        ...state,
        parameters: { ...state.parameters, scales: { ...state.parameters.scales, cost_micro_usd: 60_000 } },
      }),
      '2 terms_wrong',
    ],
    [
      'a price was lowered for the decision',
      refusal,
      changed('beta', (contract) => ({
        ...contract,
        cost: {
          per_request_micro_usd: 0,
          per_million_input_tokens_micro_usd: 0,
          per_million_output_tokens_micro_usd: 0,
        },
      })),
      '2 member_mismatch',
    ],
    [
      'a permission was waived',
      chain,
      changed('rooted', (contract) => ({
        ...contract,
        security: { permissions: { all: [] }, trust_level: 0 },
      })),
      '3 funnel_wrong',
    ],
    [
      'a deadline was stretched',
      chain,
      changed('delta', (contract) => ({
        ...contract,
        guarantees: { ...contract.guarantees, latency_max_micros: { max: 1_100_000 } },
      })),
      '2 member_mismatch',
    ],
  ];

  test.each(lies)('%s', async (_, base, change, verdict) => {
    const elsewhere = decided(change(base.state), questionOf(base)).certificate;
    const lie = claiming(elsewhere, base.certificate.inputs);
    expect(canonicalText(lie)).not.toBe(canonicalText(base.certificate));
    expect(await verdictOn(lie, base)).toBe(verdict);
  });
});

describe('a certificate that claims other inputs than it was decided on holds only if it is the decision on them:', () => {
  const withRequest = (change: (request: Request) => Partial<Request>) => (inputs: CertificateInputs) => {
    const request = { ...inputs.request, ...change(inputs.request) };
    return { ...inputs, request, request_digest: requestDigest(request) };
  };
  const claims: readonly (readonly [string, (inputs: CertificateInputs) => CertificateInputs])[] = [
    ['a smaller budget', withRequest(() => ({ budget: { max_cost_micro_usd: 1, max_latency_micros: 1 } }))],
    ['no budget', withRequest(() => ({ budget: {} }))],
    ['other data', withRequest(({ data }) => ({ data: { ...data, jurisdictions: ['CH'] } }))],
    [
      'no guarantees',
      withRequest(({ requirements }) => ({ requirements: { ...requirements, guarantees: {} } })),
    ],
    [
      'another capability',
      withRequest(({ requirements }) => ({
        requirements: { ...requirements, capabilities: [{ type: 'embed', parameters: {} }] },
      })),
    ],
    ['more tokens', withRequest(({ estimate }) => ({ estimate: { ...estimate, input_tokens: 1_001 } }))],
    ['a stricter trait', withRequest(() => ({ traits: { confidential_ppm: 1_000_000 } }))],
    ['another context', withRequest(() => ({ context: { department: 'ward' } }))],
    ['another profile', withRequest(() => ({ profile: 'cheapest' }))],
    ['another intent', withRequest(() => ({ intent: { type: 'embed' } }))],
    ['another tenant', (inputs) => ({ ...inputs, caller: { ...inputs.caller, tenant: 'clinic' } })],
    ['no permissions', (inputs) => ({ ...inputs, caller: { ...inputs.caller, permissions: [] } })],
    ['another issuer', (inputs) => ({ ...inputs, caller: { ...inputs.caller, issuer: 'else' } })],
    ['a later time', (inputs) => ({ ...inputs, time: inputs.caller.expires })],
    ['another time', (inputs) => ({ ...inputs, time: inputs.time + 1 })],
    ['another seed', (inputs) => ({ ...inputs, seed: inputs.seed + 1 })],
    ['another size of the log', (inputs) => ({ ...inputs, state: { ...inputs.state, as_of: 8 } })],
    ['another epoch', (inputs) => ({ ...inputs, state: { ...inputs.state, history_from: 1 } })],
    [
      'more rows of history',
      (inputs) => ({
        ...inputs,
        state: { ...inputs.state, history_rows: inputs.state.history_rows + 1 },
      }),
    ],
    [
      'fewer rows of availability',
      (inputs) => ({ ...inputs, state: { ...inputs.state, availability_rows: 0 } }),
    ],
    ['another registry', (inputs) => ({ ...inputs, state: { ...inputs.state, registry: 'a'.repeat(64) } })],
    ['other policies', (inputs) => ({ ...inputs, state: { ...inputs.state, policies: 'a'.repeat(64) } })],
    ['other parameters', (inputs) => ({ ...inputs, state: { ...inputs.state, parameters: 'a'.repeat(64) } })],
    ['another history', (inputs) => ({ ...inputs, state: { ...inputs.state, history: 'a'.repeat(64) } })],
    [
      'other availability',
      (inputs) => ({ ...inputs, state: { ...inputs.state, availability: 'a'.repeat(64) } }),
    ],
    ['another commitment', (inputs) => ({ ...inputs, commitments: { payload: '0'.repeat(64) } })],
  ];

  test.each(claims)('%s', async (_, change) => {
    for (const base of baseDecisions) {
      const inputs = change(base.certificate.inputs);
      const claimed = claiming(base.certificate, inputs);
      const { state: roots, ...rest } = inputs;
      const { history_from: from, history_to: to, as_of } = roots;
      const state = { ...base.state, history: { ...base.state.history, from, to }, as_of };
      const honest = decided(state, { ...rest, seedOrigin: rest.seed_origin }).certificate;
      const isTruth = canonicalText(honest) === canonicalText(claimed);
      const envelope = signCertificate(claimed, key);
      const bundle = canonicalText({ ...bundleOf(base, 3), envelope });
      const verdict = verdictOf(await verify(bundle, { key: verifierKey }));
      expect(verdict === 'holds', `${base.name}: ${verdict}`).toBe(isTruth);
      verdicts.push(`${verdict}${isTruth ? ' (the decision on those inputs)' : ''}`);
    }
  });
});
