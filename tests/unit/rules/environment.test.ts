import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/contracts/caller.js';
import type { Contract } from '../../../src/contracts/contract.js';
import { guaranteeProperties } from '../../../src/contracts/guarantee.js';
import type { Request } from '../../../src/contracts/request.js';
import type { Bindings } from '../../../src/rules/closure.js';
import { compileExpression } from '../../../src/rules/compile.js';
import { ruleEnvironment } from '../../../src/rules/environment.js';
import { EvaluationError } from '../../../src/rules/evaluation-error.js';
import { parseExpression } from '../../../src/rules/syntax/lower.js';
import { type CelType, isReadable } from '../../../src/rules/syntax/types.js';

const request: Request = {
  intent: { type: 'chat' },
  requirements: {
    capabilities: [{ type: 'chat', parameters: {} }],
    match: 'all',
    guarantees: {},
    constraints: { on_device: false, certifications: [], forbidden_actions: [] },
  },
  data: { classification: 'public', contains: [], jurisdictions: [] },
  budget: {},
  estimate: {},
  traits: {},
  context: {},
  profile: 'balanced',
};

const user: Caller = {
  method: 'jwt',
  issuer: 'i',
  audience: 'a',
  key_id: 'k',
  not_before: 0,
  expires: 1,
  tenant: 't',
  permissions: [],
  trust_level: 1,
};

const service: Contract = {
  id: 's',
  version: '1',
  origin: 'internal',
  zone: 'z',
  capabilities: [{ type: 'chat', parameters: {} }],
  actions: [],
  guarantees: {},
  constraints: {},
  privacy: {
    locality: 'local',
    regions: [],
    jurisdictions: [],
    encryption: { in_transit: true, at_rest: true, end_to_end: false },
  },
  alignment: { certifications: [], risk_ppm: 0 },
  security: { permissions: { all: [] }, trust_level: 0 },
  api: { protocol: 'caio', url: 'http://localhost' },
  invariants: [],
};

const least: Bindings = { request, context: {}, user, now: 0, service };

const promises = Object.entries(guaranteeProperties).map(([property, { operator }]) => [
  property,
  { [operator]: 1, measured: 'm', invariant: 'INV', source: 's', retrieved: 'r' },
]);
const sourced = { source: 's', retrieved: 'r' };
const most: Bindings = {
  ...least,
  request: {
    ...request,
    requirements: { ...request.requirements, guarantees: Object.fromEntries(promises) },
    budget: { max_cost_micro_usd: 1, max_latency_micros: 1 },
    estimate: {
      input_tokens: 1,
      output_tokens: 1,
      cached_tokens: 1,
      max_input_tokens: 1,
      max_output_tokens: 1,
    },
    traits: { conservative_ppm: 1, confidential_ppm: 1, risk_tolerance_ppm: 1 },
    fallback: { max_services: 1, deadline_micros: 1 },
  } satisfies Request,
  service: {
    ...service,
    description: 'd',
    guarantees: Object.fromEntries(promises),
    constraints: {
      max_input_tokens: 1,
      max_output_tokens: 1,
      max_total_tokens: 1,
      max_classification: 'public',
      refuses: [],
      ...sourced,
    },
    cost: {
      per_request_micro_usd: 1,
      per_million_input_tokens_micro_usd: 1,
      per_million_output_tokens_micro_usd: 1,
      per_million_cached_tokens_micro_usd: 1,
      ...sourced,
    },
    privacy: { ...service.privacy, retention_days: 1, trains_on_data: false, ...sourced },
    alignment: { ...service.alignment, ...sourced },
    security: { permissions: { all: [], any_of: [] } as never, trust_level: 0, tenants: [] },
  } satisfies Contract,
};

const environment = ruleEnvironment({ kind: 'struct', fields: {} });

/** Every readable path, with its type and whether something on the way may be absent. */
function paths(text: string, type: CelType, optional = false): [string, CelType, boolean][] {
  if (type.kind !== 'struct') return [[text, type, optional]];
  return Object.entries(type.fields)
    .filter(([, field]) => isReadable(field))
    .flatMap(([name, field]) => paths(`${text}.${name}`, field.type, optional || field.optional));
}

function valueAt(path: string, bindings: Bindings): unknown {
  const parsed = parseExpression(path, environment);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return compileExpression(parsed.value)(bindings);
}

function kindOf(value: unknown): string {
  if (value instanceof EvaluationError) return value.kind;
  if (Array.isArray(value)) return 'list';
  return { number: 'int', boolean: 'bool', string: 'string' }[typeof value as string] ?? typeof value;
}

describe('the declared environment is the documents', () => {
  const all = Object.entries(environment).flatMap(([name, type]) => paths(name, type));

  it('declares something of each', () => {
    console.log(`${all.length} readable paths`);
    for (const root of ['request', 'user', 'now', 'service']) {
      expect(all.filter(([path]) => path.split('.')[0] === root).length).toBeGreaterThan(0);
    }
  });

  it.each(all)('%s has the declared type in documents that hold everything', (path, type) => {
    expect(kindOf(valueAt(path, most))).toBe(type.kind);
  });

  it.each(all)(
    '%s is absent exactly where it may be in documents that hold the least',
    (path, type, optional) => {
      const given = path === 'service.security.permissions.all';
      expect(kindOf(valueAt(path, least))).toBe(optional && !given ? 'absent_field' : type.kind);
    },
  );
});
