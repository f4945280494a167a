import { expect, test } from 'vitest';
import type { Caller } from '../../../src/contracts/caller.js';
import { exclusionCodes, type Step } from '../../../src/contracts/certificate.js';
import type { Contract } from '../../../src/contracts/contract.js';
import { defaultParameters } from '../../../src/contracts/default-parameters.js';
import type { Request } from '../../../src/contracts/request.js';
import type { State } from '../../../src/contracts/state.js';
import { contract, decided, plainCaller, plainRequest, policy, state } from './world.js';

interface Case {
  readonly step: Step;
  readonly code: string;
  readonly ref?: string;
  /** All findings of the service, where there are more than the first. */
  readonly findings?: readonly string[];
  readonly service?: Partial<Contract>;
  readonly request?: Partial<Request>;
  readonly caller?: Partial<Caller>;
  readonly state?: Partial<State>;
  readonly without?: keyof Contract;
}

const { requirements, data } = plainRequest;
const chat = { type: 'chat', parameters: {} };
const base = contract('x');
const encryption = { in_transit: true, at_rest: false, end_to_end: true };
const needs = (more: Partial<Request['requirements']>) => ({ requirements: { ...requirements, ...more } });
const limits = (more: Partial<Request['requirements']['constraints']>) =>
  needs({ constraints: { ...requirements.constraints, ...more } });
const acts = (...actions: string[]) => ({ actions });
const classes = (more: Partial<(typeof defaultParameters)['actions']>) => ({
  parameters: { ...defaultParameters, actions: { forbidden: [], harmful: [], unsafe: [], ...more } },
});
const ruled = (when: string, require: string) => ({ policies: [policy('p', [{ id: 'r', when, require }])] });

/** One service that a single thing excludes, for each thing that can. */
const cases: readonly Case[] = [
  {
    step: 'authentication',
    code: 'method_not_accepted',
    caller: { method: 'local' },
    state: {
      parameters: {
        ...defaultParameters,
        authentication: { methods: ['jwt'], issuers: ['caio'], audience: 'caio' },
      },
    },
  },
  { step: 'authentication', code: 'issuer_unknown', caller: { issuer: 'other' } },
  { step: 'authentication', code: 'audience_wrong', caller: { audience: 'other' } },
  { step: 'authentication', code: 'credential_not_yet_valid', caller: { not_before: 10_001 } },
  { step: 'authentication', code: 'credential_expired', caller: { expires: 10_000 } },
  {
    step: 'matching',
    code: 'disabled',
    state: { availability: [{ service: 's', state: 'disabled', reason: '' }] },
  },
  {
    step: 'matching',
    code: 'held_out',
    state: { availability: [{ service: 's', state: 'held_out', reason: '' }] },
  },
  {
    step: 'matching',
    code: 'capability_missing',
    ref: 'embed',
    request: needs({ capabilities: [chat, { type: 'embed', parameters: {} }] }),
  },
  {
    step: 'matching',
    code: 'capability_missing',
    ref: 'any',
    request: needs({ match: 'any', capabilities: [{ type: 'chat', parameters: { languages: ['fr'] } }] }),
  },
  {
    step: 'matching',
    code: 'capability_parameter',
    ref: 'chat',
    request: needs({ capabilities: [{ type: 'chat', parameters: { languages: ['en', 'fr'] } }] }),
  },
  {
    step: 'matching',
    code: 'guarantee_absent',
    ref: 'accuracy_ppm',
    findings: ['guarantee_absent accuracy_ppm', 'guarantee_weaker latency_p95_micros'],
    request: needs({ guarantees: { accuracy_ppm: { min: 1 }, latency_p95_micros: { max: 999_999 } } }),
  },
  {
    step: 'matching',
    code: 'guarantee_weaker',
    ref: 'determinism',
    service: { guarantees: { determinism: { equals: 1 } } },
    request: needs({ guarantees: { determinism: { equals: 0 } } }),
  },
  {
    step: 'matching',
    code: 'guarantee_absent',
    ref: 'latency_p99_micros',
    request: needs({ guarantees: { latency_p99_micros: { max: 9_000_000 } } }),
  },
  {
    step: 'matching',
    code: 'limit_exceeded',
    ref: 'max_input_tokens',
    findings: [
      'limit_exceeded max_input_tokens',
      'limit_exceeded max_output_tokens',
      'limit_exceeded max_total_tokens',
    ],
    service: { constraints: { max_input_tokens: 1_001, max_output_tokens: 499, max_total_tokens: 1_501 } },
    request: { estimate: { input_tokens: 1_000, cached_tokens: 2, output_tokens: 500 } },
  },
  {
    step: 'matching',
    code: 'data_not_accepted',
    ref: 'max_classification',
    service: { constraints: { max_classification: 'public' } },
  },
  {
    step: 'matching',
    code: 'data_not_accepted',
    ref: 'pci',
    findings: ['data_not_accepted pci', 'data_not_accepted phi'],
    service: { constraints: { refuses: ['pci', 'phi', 'pii'] } },
    request: { data: { ...data, contains: ['pci', 'phi'] } },
  },
  { step: 'rules', code: 'rule_violated', ref: 'p/r', state: ruled('true', 'service.id == "other"') },
  { step: 'rules', code: 'rule_violated', ref: 'p/r', state: ruled('true', 'user.tenant == "other"') },
  { step: 'rules', code: 'rule_violated', ref: 'p/r', state: ruled('true', 'service.id == user.tenant') },
  {
    step: 'rules',
    code: 'rule_error',
    ref: 'p/r',
    state: ruled('true', 'service.cost.per_request_micro_usd == 0'),
    without: 'cost',
  },
  {
    step: 'rules',
    code: 'rule_error',
    ref: 'p/r',
    state: ruled('request.budget.max_cost_micro_usd > 0', 'true'),
  },
  {
    step: 'security',
    code: 'permission_missing',
    ref: 'a',
    findings: ['permission_missing a', 'permission_missing z'],
    service: { security: { permissions: { all: ['a', 'chat:use', 'z'] }, trust_level: 0 } },
  },
  {
    step: 'security',
    code: 'permission_missing',
    ref: 'any_of',
    service: { security: { permissions: { any_of: ['a', 'z'] }, trust_level: 0 } },
  },
  {
    step: 'security',
    code: 'sensitive_unprotected',
    service: { privacy: { ...base.privacy, encryption } },
    request: { data: { ...data, classification: 'confidential' } },
  },
  {
    step: 'security',
    code: 'jurisdiction_unknown',
    service: { privacy: { ...base.privacy, jurisdictions: [] } },
    request: { data: { ...data, jurisdictions: ['EU'] } },
  },
  {
    step: 'security',
    code: 'jurisdiction_outside',
    ref: 'CH',
    findings: ['jurisdiction_outside CH', 'jurisdiction_outside US'],
    service: { privacy: { ...base.privacy, jurisdictions: ['CH', 'EU', 'US'] } },
    request: { data: { ...data, jurisdictions: ['EU'] } },
  },
  {
    step: 'security',
    code: 'trust_insufficient',
    service: { security: { permissions: { all: [] }, trust_level: 4 } },
  },
  {
    step: 'security',
    code: 'tenant_not_admitted',
    service: { security: { permissions: { all: [] }, trust_level: 0, tenants: [] } },
  },
  { step: 'security', code: 'zone_not_allowed', ref: 'edge', service: { zone: 'edge' } },
  {
    step: 'security',
    code: 'zone_not_allowed',
    ref: 'default',
    state: { parameters: { ...defaultParameters, zones: { '*': ['default'], acme: ['edge'] } } },
  },
  {
    step: 'constraints',
    code: 'cost_unknown',
    request: { budget: { max_cost_micro_usd: 9 } },
    without: 'cost',
  },
  { step: 'constraints', code: 'budget_exceeded', request: { budget: { max_cost_micro_usd: 1_999 } } },
  {
    step: 'constraints',
    code: 'latency_unknown',
    service: { guarantees: { latency_p50_micros: { max: 1 } } },
    request: { budget: { max_latency_micros: 9 } },
  },
  { step: 'constraints', code: 'latency_exceeded', request: { budget: { max_latency_micros: 999_999 } } },
  {
    step: 'constraints',
    code: 'action_forbidden',
    ref: 'b',
    findings: ['action_forbidden b', 'action_harmful c', 'action_unsafe b'],
    service: acts('b', 'c'),
    request: limits({ forbidden_actions: ['b'] }),
    state: classes({ forbidden: ['c'], harmful: ['c'], unsafe: ['a', 'b', 'c'] }),
  },
  {
    step: 'constraints',
    code: 'action_harmful',
    ref: 'h',
    service: acts('h'),
    state: classes({ harmful: ['h'] }),
  },
  {
    step: 'constraints',
    code: 'action_unsafe',
    ref: 'u',
    service: acts('u'),
    state: classes({ unsafe: ['u'] }),
  },
  { step: 'constraints', code: 'on_device_required', request: limits({ on_device: true }) },
  {
    step: 'constraints',
    code: 'certification_missing',
    ref: 'hipaa',
    service: { alignment: { certifications: ['gdpr'], risk_ppm: 0 } },
    request: limits({ certifications: ['gdpr', 'hipaa', 'soc2'] }),
  },
  {
    step: 'constraints',
    code: 'risk_exceeds_tolerance',
    request: { traits: { risk_tolerance_ppm: 99_999 } },
  },
  { step: 'constraints', code: 'confidential_not_local', request: { traits: { confidential_ppm: 800_000 } } },
  { step: 'constraints', code: 'conservative_not_met', request: { traits: { conservative_ppm: 800_000 } } },
];

function decideCase({ service, request, caller, state: more, without }: Case) {
  const { [without ?? 'description']: _, ...rest } = contract('s', service);
  return decided(state([rest as Contract], more), {
    request: { ...plainRequest, ...request },
    caller: { ...plainCaller, ...caller },
  }).certificate;
}

test.each(cases)('$code $ref at $step', (given) => {
  const { step, code, ref = '', findings = [`${code} ${ref}`] } = given;
  const certificate = decideCase(given);
  expect(certificate.funnel.exclusions).toEqual([{ step, code, ref, count: 1, sample: ['s'] }]);
  const { outcome } = certificate;
  if (outcome.decision !== 'refused') throw new Error('routed');
  expect(outcome.step).toBe(step);
  expect(outcome.nearest.map(({ service }) => service)).toEqual(['s']);
  expect(outcome.nearest[0]?.lacked.map((finding) => `${finding.code} ${finding.ref}`)).toEqual(findings);
});

test('every exclusion code has a case, and every case is under its step', () => {
  const covered = new Set(cases.map(({ step, code }) => `${step} ${code}`));
  const all = Object.entries(exclusionCodes).flatMap(([step, codes]) =>
    codes.map((code) => `${step} ${code}`),
  );
  expect([...covered].sort()).toEqual([...all].sort());
});

test('the plain service serves the plain request, so each case has one cause', () => {
  expect(decideCase({ step: 'matching', code: '' }).outcome.decision).toBe('routed');
});

test('limits, traits and bounds hold at equality', () => {
  const certificate = decided(
    state([
      contract('s', {
        constraints: {
          max_input_tokens: 1_000,
          max_output_tokens: 500,
          max_total_tokens: 1_500,
          max_classification: 'internal',
        },
        guarantees: { latency_p95_micros: { max: 1_000_000 }, accuracy_ppm: { min: 900_000 } },
        security: { permissions: { any_of: ['chat:use', 'q'] }, trust_level: 3, tenants: ['acme'] },
      }),
    ]),
    {
      request: {
        ...plainRequest,
        ...needs({ guarantees: { accuracy_ppm: { min: 900_000 }, latency_p50_micros: { max: 1_000_000 } } }),
        budget: { max_cost_micro_usd: 2_000, max_latency_micros: 1_000_000 },
        traits: { risk_tolerance_ppm: 100_000, confidential_ppm: 799_999, conservative_ppm: 799_999 },
        data: { classification: 'internal', contains: [], jurisdictions: ['EU'] },
      },
    },
  ).certificate;
  expect(certificate.outcome).toMatchObject({
    decision: 'routed',
    constraints: { budget: [0], latency: [0], safety: [0, 0, 0], policy: [0, 0], traits: [0, 0, 0] },
  });
});

test('two offers of one type are looked at apart: no one of them meets both parameters', () => {
  const certificate = decided(
    state([
      contract('s', {
        capabilities: [
          { type: 'chat', parameters: { languages: ['en'] } },
          { type: 'chat', parameters: { tools: true } },
        ],
      }),
    ]),
    {
      request: {
        ...plainRequest,
        ...needs({ capabilities: [{ type: 'chat', parameters: { languages: ['en'], tools: true } }] }),
      },
    },
  ).certificate;
  expect(certificate.funnel.exclusions[0]?.code).toBe('capability_parameter');
});

test('an unauthenticated request fires no rule and excludes every service at authentication', () => {
  const { rules, funnel, outcome } = decided(state([contract('b'), contract('a')], ruled('true', 'false')), {
    time: 2_000_000,
  }).certificate;
  expect(rules).toEqual({ total: 1, fired: 0, first: [] });
  expect(funnel.steps.map(({ entered, left }) => [entered, left])).toEqual([
    [2, 0],
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(funnel.exclusions).toEqual([
    { step: 'authentication', code: 'credential_expired', ref: '', count: 2, sample: ['a', 'b'] },
  ]);
  expect(outcome).toMatchObject({ decision: 'refused', step: 'authentication' });
});

test('nothing registered is refused at matching, or at authentication when that failed', () => {
  expect(decided(state([])).certificate.outcome).toEqual({
    decision: 'refused',
    step: 'matching',
    nearest: [],
  });
  expect(decided(state([]), { time: 0 }).certificate.outcome).toEqual({
    decision: 'refused',
    step: 'authentication',
    nearest: [],
  });
});

test('the nearest misses are those that came furthest, then in order of ids', () => {
  const { outcome } = decided(
    state([
      contract('d', { zone: 'x' }),
      contract('c', { alignment: { certifications: [], risk_ppm: 2 } }),
      contract('a', { capabilities: [{ type: 'embed', parameters: {} }] }),
      contract('b', { zone: 'x' }),
    ]),
    { request: { ...plainRequest, traits: { risk_tolerance_ppm: 1 } } },
  ).certificate;
  if (outcome.decision !== 'refused') throw new Error('routed');
  expect(outcome.step).toBe('constraints');
  expect(outcome.nearest.map(({ service, step }) => `${service} ${step}`)).toEqual([
    'c constraints',
    'b security',
    'd security',
    'a matching',
  ]);
});

test('a finding lists at most four, an erring rule takes every service, the first failing rule by key is the exclusion', () => {
  const rules = ['r1', 'r2', 'r3', 'r4', 'r5'].map((id) => ({
    id,
    when: 'true',
    require: 'service.id == ""',
  }));
  const {
    funnel,
    outcome,
    rules: fired,
  } = decided(
    state([contract('s')], {
      policies: [
        policy('p', rules),
        policy('a.b', [{ id: 'q', when: 'true', require: 'service.cost.per_request_micro_usd == 1' }]),
      ],
    }),
  ).certificate;
  expect(funnel.exclusions[0]?.ref).toBe('a.b/q');
  expect(fired).toEqual({ total: 6, fired: 6, first: ['a.b/q', 'p/r1', 'p/r2', 'p/r3', 'p/r4', 'p/r5'] });
  if (outcome.decision !== 'refused') throw new Error('routed');
  expect(outcome.nearest[0]?.lacked.map(({ ref }) => ref)).toEqual(['a.b/q', 'p/r1', 'p/r2', 'p/r3']);
});
