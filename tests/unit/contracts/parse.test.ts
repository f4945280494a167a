import { describe, expect, it } from 'vitest';
import { defaultParameters } from '../../../src/contracts/default-parameters.js';
import type { RequestDocument } from '../../../src/contracts/request.js';
import { type DocumentKind, parseText } from '../../bad-input/contracts-parsers.js';
import { contractText } from '../../bad-input/contracts-table.js';

function parsed(kind: DocumentKind, text: string, notation: 'json' | 'yaml' = 'json'): unknown {
  const result = parseText(kind, text, notation);
  if (!result.ok) throw new Error(JSON.stringify(result.error, undefined, 2));
  return result.value;
}

const request = (fields: string) =>
  parsed('request', `{"request": {"intent": {"type": "chat"}${fields}}}`) as RequestDocument;

describe('a request', () => {
  it('with an intent alone has all defaults, and needs a capability of its type', () => {
    expect(request('')).toEqual({
      request: {
        intent: { type: 'chat' },
        requirements: {
          capabilities: [{ type: 'chat', parameters: {} }],
          match: 'all',
          guarantees: {},
          constraints: { on_device: false, certifications: [], forbidden_actions: [] },
        },
        data: { classification: 'internal', contains: [], jurisdictions: [] },
        budget: {},
        estimate: {},
        traits: {},
        context: {},
        profile: 'balanced',
      },
    });
  });

  it('of the wire example is normalised', () => {
    const text = `{"request": {"intent": {"type": "chat"},
      "requirements": {"capabilities": [{"type": "chat", "parameters": {"languages": ["en"]}}], "match": "all",
                       "guarantees": {"latency_p95_ms": {"max": 2000}, "accuracy": {"min": 0.9}}, "constraints": {}},
      "data": {"classification": "restricted", "contains": ["phi"], "jurisdictions": ["EU"]},
      "budget": {"max_cost_usd": 0.05, "max_latency_ms": 5000}, "estimate": {"input_tokens": 800, "output_tokens": 300},
      "traits": {"conservative": 0.2, "confidential": 0.9, "risk_tolerance": 0.3},
      "context": {}, "profile": "balanced", "seed": 42},
     "payload": {}}`;
    expect(parsed('request', text)).toEqual({
      request: {
        intent: { type: 'chat' },
        requirements: {
          capabilities: [{ type: 'chat', parameters: { languages: ['en'] } }],
          match: 'all',
          guarantees: { latency_p95_micros: { max: 2_000_000 }, accuracy_ppm: { min: 900_000 } },
          constraints: { on_device: false, certifications: [], forbidden_actions: [] },
        },
        data: { classification: 'restricted', contains: ['phi'], jurisdictions: ['EU'] },
        budget: { max_cost_micro_usd: 50_000, max_latency_micros: 5_000_000 },
        estimate: { input_tokens: 800, output_tokens: 300 },
        traits: { conservative_ppm: 200_000, confidential_ppm: 900_000, risk_tolerance_ppm: 300_000 },
        context: {},
        profile: 'balanced',
      },
      seed: 42,
      payload: {},
    });
  });

  it('has sets sorted by code point, without repeats', () => {
    const { request: clear } = request(
      ', "data": {"contains": ["pii", "phi", "pii"], "jurisdictions": ["US", "EU"]}, "context": {"tags": ["\u{1f600}", "\uffee", "b", "a", "b"]}',
    );
    expect(clear.data.contains).toEqual(['phi', 'pii']);
    expect(clear.data.jurisdictions).toEqual(['EU', 'US']);
    expect(clear.context.tags).toEqual(['a', 'b', '\uffee', '\u{1f600}']);
  });

  it('keeps a payload of null apart from no payload', () => {
    expect(parsed('request', '{"request": {"intent": {"type": "chat"}}, "payload": null}')).toHaveProperty(
      'payload',
      null,
    );
    expect(request('')).not.toHaveProperty('payload');
  });

  it('looks up nothing by names of the prototype', () => {
    const { request: clear } = request(', "context": {"to_string": 1}');
    expect(clear.context.constructor).toBeUndefined();
    expect(clear.context.toString).toBeUndefined();
  });

  it.each([
    ['0.05', 50_000],
    ['5e-2', 50_000],
    ['0.050000000000000000000', 50_000],
    ['0', 0],
    ['-0', 0],
    ['-0.0e9', 0],
    ['1e-6', 1],
    ['0.1', 100_000],
    ['0.3', 300_000],
    ['4294.967296', 2 ** 32],
    ['4294.967297', 2 ** 32 + 1],
    ['9007199254.740991', 2 ** 53 - 1],
    ['9007199254.740990', 2 ** 53 - 2],
    ['9007199254740991e-6', 2 ** 53 - 1],
    ['4503599627.370497', 2 ** 52 + 1],
  ])('reads %s USD as %i micro-USD, from JSON and from YAML', (text, micro) => {
    for (const notation of ['json', 'yaml'] as const) {
      const document = parsed(
        'request',
        `{"request": {"intent": {"type": "chat"}, "budget": {"max_cost_usd": ${text}}}}`,
        notation,
      ) as RequestDocument;
      expect(document.request.budget.max_cost_micro_usd).toBe(micro);
    }
  });
});

describe('a capability parameter', () => {
  it.each([
    ['"en"', ['en']],
    ['["fr", "en", "fr"]', ['en', 'fr']],
    ['[]', []],
    ['true', true],
    ['false', false],
    ['128000', { min_micro: 128_000_000_000, max_micro: 128_000_000_000 }],
    ['-0.5', { min_micro: -500_000, max_micro: -500_000 }],
    ['{"min": 1}', { min_micro: 1_000_000 }],
    ['{"max": 0.1}', { max_micro: 100_000 }],
    ['{"min": 1, "max": 1}', { min_micro: 1_000_000, max_micro: 1_000_000 }],
  ])('%s', (text, value) => {
    const { request: clear } = request(
      `, "requirements": {"capabilities": [{"type": "chat", "parameters": {"p": ${text}}}]}`,
    );
    expect(clear.requirements.capabilities).toEqual([{ type: 'chat', parameters: { p: value } }]);
  });
});

describe('a contract', () => {
  it('has defaults that promise nothing', () => {
    expect(parsed('contract', contractText(), 'yaml')).toEqual({
      id: 'said',
      version: '1.0.0',
      origin: 'internal',
      zone: 'default',
      capabilities: [{ type: 'chat', parameters: {} }],
      actions: [],
      guarantees: {},
      constraints: {},
      privacy: {
        locality: 'local',
        regions: [],
        jurisdictions: [],
        encryption: { in_transit: false, at_rest: false, end_to_end: false },
      },
      alignment: { certifications: [], risk_ppm: 100_000 },
      security: { permissions: { all: [] }, trust_level: 0 },
      api: { protocol: 'caio', url: 'http://127.0.0.1:8101' },
      invariants: [],
    });
  });

  it('has its figures in integers, with where they are from', () => {
    const text = contractText({
      origin: 'external',
      guarantees:
        '{latency_p99_ms: {max: 0.001, source: s, retrieved: 2026-01-31}, determinism: {equals: false, source: s, retrieved: 2026-01-31}, throughput_rps: {min: 2.5, measured: m, source: s, retrieved: 2026-01-31}}',
      cost: '{unit: usd, per_million_input_tokens_usd: 2.5, per_million_cached_tokens_usd: 0, source: s, retrieved: 2026-01-31}',
      constraints: '{max_total_tokens: 4294967296, refuses: [pii, phi], source: s, retrieved: 2026-01-31}',
    });
    const from = { source: 's', retrieved: '2026-01-31' };
    expect(parsed('contract', text, 'yaml')).toMatchObject({
      guarantees: {
        latency_p99_micros: { max: 1, ...from },
        determinism: { equals: 0, ...from },
        throughput_micro_rps: { min: 2_500_000, measured: 'm', ...from },
      },
      cost: {
        per_request_micro_usd: 0,
        per_million_input_tokens_micro_usd: 2_500_000,
        per_million_cached_tokens_micro_usd: 0,
        ...from,
      },
      constraints: { max_total_tokens: 2 ** 32, refuses: ['phi', 'pii'], ...from },
    });
  });

  it.each([
    ['permissions: [b, a]', { permissions: { all: ['a', 'b'] } }],
    ['permissions: {any_of: [b, a, b]}', { permissions: { any_of: ['a', 'b'] } }],
    ['permissions: [], tenants: []', { permissions: { all: [] }, tenants: [] }],
  ])('with %s', (text, security) => {
    const contract = parsed('contract', contractText({ security: `{${text}, trust_level: 10}` }), 'yaml');
    expect(contract).toHaveProperty('security', { ...security, trust_level: 10 });
  });

  it('reads no and yes as texts', () => {
    const text = contractText({ capabilities: '[{type: no, parameters: {languages: [no, yes, on]}}]' });
    expect(parsed('contract', text, 'yaml')).toMatchObject({
      capabilities: [{ type: 'no', parameters: { languages: ['no', 'on', 'yes'] } }],
    });
  });
});

describe('parameters', () => {
  it('left out are the defaults, whose profiles sum to one', () => {
    expect(parsed('parameters', '{}')).toEqual(defaultParameters);
    for (const weights of Object.values(defaultParameters.profiles)) {
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(1_000_000);
    }
  });

  it('given replace one field each, profiles and zones as a whole', () => {
    const text =
      '{"profiles": {"frugal": {"cost": 0.999999, "risk": 0.000001}}, "zones": {}, "tokens": {"input": 5}, "deadline_ms": 0.5}';
    expect(parsed('parameters', text)).toEqual({
      ...defaultParameters,
      profiles: { frugal: [0, 0, 0, 0, 0, 0, 999_999, 1, 0] },
      zones: {},
      tokens: { input: 5, output: 1_000 },
      deadline_micros: 500,
    });
  });
});

describe('history and availability', () => {
  it('are sorted by service', () => {
    const rows =
      '[{"service": "b", "trials": 2, "successes": 2}, {"service": "a", "trials": 1, "successes": 0}]';
    expect(parsed('history', `{"from": 0, "to": 3, "rows": ${rows}}`)).toEqual({
      from: 0,
      to: 3,
      rows: [
        { service: 'a', trials: 1, successes: 0 },
        { service: 'b', trials: 2, successes: 2 },
      ],
    });
    const states =
      '{"rows": [{"service": "b", "state": "disabled", "reason": "x"}, {"service": "a", "state": "held_out", "reason": "y"}]}';
    expect(parsed('availability', states)).toEqual([
      { service: 'a', state: 'held_out', reason: 'y' },
      { service: 'b', state: 'disabled', reason: 'x' },
    ]);
  });
});

describe('salts', () => {
  it('are 32 bytes', () => {
    expect(parsed('salts', `{"payload": "${'0f'.repeat(31)}ff"}`)).toEqual({
      payload: Uint8Array.from([...Array<number>(31).fill(15), 255]),
    });
  });
});
