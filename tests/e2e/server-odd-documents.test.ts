import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultParameters } from '../../src/contracts/default-parameters.js';
import { verify } from '../../src/verifier/index.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';

/** Documents in which every name that people choose is one that JavaScript objects have of themselves. */
let caio: Running;
let key = '';

beforeAll(async () => {
  const { balanced } = defaultParameters.profiles;
  if (balanced === undefined) throw new Error('the default parameters have no profile balanced');
  const profiles = { ...defaultParameters.profiles, constructor: balanced };
  const zones = { ...defaultParameters.zones, constructor: ['constructor'] };
  caio = await startServer({ parameters: { ...defaultParameters, profiles, zones } });
  const grant = {
    tenant: 'constructor',
    scopes: ['decide', 'traces'],
    permissions: ['chat:use'],
    trust_level: 5,
  };
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  const issued = await caio.call('POST', '/api/v1/keys', { key: 'admin', body: { ...grant, expires } });
  key = issued.body.key;
  const odd = {
    zone: 'constructor',
    actions: ['constructor'],
    capabilities: [{ type: 'chat', parameters: { constructor: true } }, { type: 'constructor' }],
  };
  for (const contract of [wireContract('constructor', odd), wireContract('other')]) {
    const { status } = await caio.call('POST', '/api/v1/services', { key: 'register', body: contract });
    expect(status).toBe(201);
  }
  const rule = { id: 'valueof', type: 'cost', reason: 'a test', when: 'has(context.valueof)' };
  const policy = {
    id: 'constructor',
    version: '1',
    context: { valueof: { type: 'string' } },
    rules: [{ ...rule, require: 'service.id != context.valueof' }],
  };
  expect((await caio.call('POST', '/api/v1/policies', { key: 'policies', body: policy })).status).toBe(201);
});

afterAll(() => caio.close());

async function decided(request: object, payload: unknown = {}) {
  const body = { request: { ...chatRequest.request, ...request }, payload };
  const answer = await caio.call('POST', '/api/v1/route', { key, body });
  if (answer.status !== 200) return answer.body.problems[0].code as string;
  const { decision_id, certificate } = answer.body;
  const bundle = await caio.call('GET', `/api/v1/traces/${decision_id}/bundle?level=3`, { key });
  const report = await verify(bundle.text, { key: caio.verifierKey, level: 3 });
  expect(report.levels.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined]);
  const codes = certificate.funnel.exclusions.map(({ code }: { readonly code: string }) => code);
  return [certificate.outcome.selected?.service ?? 'refused', ...codes].join(' ');
}

describe('names that every object has are names like any other, to the engine and to the verifier', () => {
  it.each([
    ['a tenant with zones of its own', {}, 'constructor zone_not_allowed'],
    ['a profile', { profile: 'constructor' }, 'constructor zone_not_allowed'],
    ['a profile that there is not', { profile: 'valueof' }, 'unknown_profile'],
    ['a type', { intent: { type: 'constructor' } }, 'constructor capability_missing'],
    ['a parameter', needs({ constructor: true }), 'constructor capability_parameter'],
    ['a parameter that nobody offers', needs({ valueof: true }), 'refused capability_parameter'],
    ['a context field', { context: { valueof: 'constructor' } }, 'refused rule_violated zone_not_allowed'],
    ['a context field that is sealed', { context: { tostring: 'x' } }, 'constructor zone_not_allowed'],
    ['an action', forbids('constructor'), 'refused zone_not_allowed action_forbidden'],
  ])('%s', async (_, request, outcome) => {
    expect(await decided(request)).toBe(outcome);
  });

  function needs(parameters: object) {
    return { requirements: { capabilities: [{ type: 'chat', parameters }] } };
  }
  function forbids(action: string) {
    return { requirements: { constraints: { forbidden_actions: [action] } } };
  }
});

describe('a payload as deep as a body may be', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 0 : [nested(levels - 1)]);

  it.each([
    [63, 'constructor zone_not_allowed'],
    [64, 'json_too_deep'],
  ])('with %i levels is %s', async (levels, outcome) => {
    expect(await decided({}, nested(levels))).toBe(outcome);
  });
});
