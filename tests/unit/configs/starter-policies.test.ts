import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/contracts/caller.js';
import type { Contract } from '../../../src/contracts/contract.js';
import { readDocument } from '../../../src/contracts/document.js';
import { parsePolicy } from '../../../src/contracts/parse-policy.js';
import type { Policy } from '../../../src/contracts/policy.js';
import type { Request } from '../../../src/contracts/request.js';
import { contract, decided, plainCaller, plainRequest, snapshotOf, state } from '../orchestrator/world.js';

const folder = fileURLToPath(new URL('../../../configs/policies/', import.meta.url));

const policies: readonly Policy[] = readdirSync(folder).map((name) => {
  const document = readDocument(readFileSync(join(folder, name), 'utf8'), 'yaml');
  const policy = document.ok ? parsePolicy(document.value) : document;
  if (!policy.ok) throw new Error(`${name}: ${JSON.stringify(policy.error)}`);
  return policy.value;
});

type Privacy = Contract['privacy'];
type Price = NonNullable<Contract['cost']>;

const encrypted: Privacy['encryption'] = { in_transit: true, at_rest: true, end_to_end: false };
/** A cloud service that may serve health data and European data. */
const trusted: Privacy = {
  locality: 'cloud',
  regions: ['eu-west'],
  jurisdictions: ['EU'],
  encryption: encrypted,
  retention_days: 30,
  trains_on_data: false,
};
const { trains_on_data: _, ...silentOnTraining } = trusted;
const { retention_days: __, ...silentOnRetention } = trusted;
const covered = { certifications: ['HIPAA-BAA'], risk_ppm: 100_000 };
const price = (perMillion: number, perRequest = 0): { readonly cost: Price } => ({
  cost: {
    per_request_micro_usd: perRequest,
    per_million_input_tokens_micro_usd: perMillion,
    per_million_output_tokens_micro_usd: perMillion,
  },
});

interface Case {
  readonly rule: string;
  readonly what: string;
  readonly request: Partial<Request>;
  readonly caller?: Partial<Caller>;
  readonly excluded: Partial<Contract>;
  readonly admitted: Partial<Contract>;
}

const health: Partial<Request> = {
  data: { classification: 'restricted', contains: ['phi'], jurisdictions: [] },
};
const european: Partial<Request> = {
  data: { classification: 'internal', contains: ['pii'], jurisdictions: ['EU', 'US'] },
};
const hospital: Partial<Contract> = { privacy: trusted, alignment: covered };

const cases: readonly Case[] = [
  {
    rule: 'hipaa/phi-covered',
    what: 'health data leaves the premises only to a business associate',
    request: health,
    excluded: { ...hospital, alignment: { certifications: ['ISO-27001'], risk_ppm: 100_000 } },
    admitted: hospital,
  },
  {
    rule: 'hipaa/phi-encrypted',
    what: 'health data is encrypted at rest as well as on the way',
    request: health,
    excluded: { ...hospital, privacy: { ...trusted, encryption: { ...encrypted, at_rest: false } } },
    admitted: hospital,
  },
  {
    rule: 'hipaa/phi-not-trained-on',
    what: 'silence about training is not a no, not even on premises',
    request: health,
    excluded: { ...hospital, privacy: { ...silentOnTraining, locality: 'local' } },
    admitted: { privacy: { ...trusted, locality: 'local', encryption: { ...encrypted, at_rest: false } } },
  },
  {
    rule: 'hipaa/phi-retention',
    what: 'health data outside is kept for 30 days at most',
    request: health,
    excluded: { ...hospital, privacy: { ...trusted, retention_days: 31 } },
    admitted: hospital,
  },
  {
    rule: 'hipaa/phi-retention',
    what: 'and for a time that is stated',
    request: health,
    excluded: { ...hospital, privacy: silentOnRetention },
    admitted: { ...hospital, privacy: { ...silentOnRetention, locality: 'local' } },
  },
  {
    rule: 'gdpr-residency/eu-residency',
    what: 'personal data of the EU goes to no other jurisdiction',
    request: european,
    excluded: { privacy: { ...trusted, jurisdictions: ['EU', 'US'] } },
    admitted: { privacy: trusted },
  },
  {
    rule: 'gdpr-residency/eu-no-training',
    what: 'personal data of the EU is not trained on',
    request: european,
    excluded: { privacy: { ...trusted, trains_on_data: true } },
    admitted: { privacy: trusted },
  },
  {
    rule: 'cost-caps/unbudgeted-price',
    what: 'without a budget: at most 30 USD per million output tokens',
    request: {},
    excluded: price(30_000_001),
    admitted: price(30_000_000, 50_000),
  },
  {
    rule: 'cost-caps/unbudgeted-price',
    what: 'and at most 0.05 USD a call',
    request: {},
    excluded: price(1, 50_001),
    admitted: price(1, 50_000),
  },
  {
    rule: 'cost-caps/trial-is-cheap',
    what: 'a trial buys at most 2 USD per million output tokens',
    request: {},
    caller: { permissions: ['trial'] },
    excluded: price(2_000_001),
    admitted: price(2_000_000),
  },
  {
    rule: 'cost-caps/dear-needs-cost-center',
    what: 'a budget above 1 USD without a cost center stays inside',
    request: { budget: { max_cost_micro_usd: 1_000_001 } },
    excluded: { origin: 'external' },
    admitted: { origin: 'internal' },
  },
  {
    rule: 'latency-slo/interactive-p95',
    what: 'who waits is promised 3 seconds at the 95th percentile',
    request: { context: { interactive: true } },
    excluded: { guarantees: { latency_p95_micros: { max: 3_000_001 } } },
    admitted: { guarantees: { latency_p95_micros: { max: 3_000_000 } } },
  },
  {
    rule: 'latency-slo/batch-availability',
    what: 'batch work needs 99 % availability',
    request: { context: { batch: true } },
    excluded: { guarantees: { availability_ppm: { min: 989_999 } } },
    admitted: { guarantees: { availability_ppm: { min: 990_000 } } },
  },
];

/** The certificate of a decision over this one service, with every starter policy in force. */
function certificateFor({ request, caller }: Pick<Case, 'request' | 'caller'>, service: Partial<Contract>) {
  const asked = {
    request: { ...plainRequest, ...request },
    caller: { ...plainCaller, ...caller },
  };
  return decided(state([contract('only', service)], { policies }), asked).certificate;
}

describe('the starter policies', () => {
  it('load together, with no rule or context against another', () => {
    expect(snapshotOf(state([], { policies })).policies.rules.length).toBe(
      policies.reduce((sum, { rules }) => sum + rules.length, 0),
    );
    expect(policies.length).toBeGreaterThanOrEqual(4);
  });

  it('have a case for every rule', () => {
    const keys = policies.flatMap(({ id, rules }) => rules.map((rule) => `${id}/${rule.id}`));
    expect([...new Set(cases.map(({ rule }) => rule))].sort()).toEqual([...keys].sort());
  });

  describe.each(cases)('$rule: $what', (given) => {
    it('excludes a service for this reason alone', () => {
      const { outcome } = certificateFor(given, given.excluded);
      expect(outcome).toMatchObject({ decision: 'refused', step: 'rules' });
      const lacked = outcome.decision === 'refused' ? outcome.nearest[0]?.lacked : [];
      expect(lacked).toEqual([{ code: 'rule_violated', ref: given.rule }]);
    });

    it('admits one that keeps it', () => {
      const { outcome, rules } = certificateFor(given, given.admitted);
      expect(outcome.decision).toBe('routed');
      expect(rules.first).toContain(given.rule);
    });
  });

  it('do not fire for a request that none is about', () => {
    const request = { budget: { max_cost_micro_usd: 10_000 } };
    expect(certificateFor({ request }, {}).rules.fired).toBe(0);
  });

  it('let a budget above 1 USD go outside when the context names a cost center', () => {
    const request = { budget: { max_cost_micro_usd: 2_000_000 }, context: { cost_center: 'k-17' } };
    expect(certificateFor({ request }, {}).outcome.decision).toBe('routed');
  });
});
