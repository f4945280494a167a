import { describe, expect, it } from 'vitest';
import type { Certificate, Routed } from '../../../src/contracts/certificate.js';
import { Defect, errorTable, Fault } from '../../../src/kernel/errors.js';
import { strictlyRising } from '../../../src/server/clock.js';
import { decisionHeaders } from '../../../src/server/decisions/promise-headers.js';
import { bodyFormat } from '../../../src/server/http/body.js';
import { failure, problemDetails, statusOf } from '../../../src/server/http/failure.js';
import { rateLimiter } from '../../../src/server/http/rate-limit.js';
import { failureOfThrown, stackFrames } from '../../../src/server/http/unexpected.js';
import { anonymous } from '../../../src/server/identity/identity.js';

describe('problem details', () => {
  it('carry the status of their code, for every code there is', () => {
    const codes = Object.keys(errorTable) as (keyof typeof errorTable)[];
    for (const code of codes) {
      const details = problemDetails(failure(code, 'why'), 'abc');
      expect(details).toMatchObject({
        status: errorTable[code].http,
        code,
        type: `urn:caio:problem:${code}`,
        detail: 'why',
      });
      expect(statusOf(failure(code))).toBe(errorTable[code].http);
    }
    console.log(`${codes.length} error codes`);
  });
});

describe('what was thrown', () => {
  it.each([
    [
      'a fault says what failed',
      new Fault('storage_failed', 'the store is away', { retryable: true }),
      'storage_failed',
      'the store is away',
    ],
    ['a defect says nothing', new Defect('invariant_broken', 'value 4111'), 'invariant_broken', undefined],
    ['a foreign error says nothing', new TypeError('value 4111'), 'internal', undefined],
    ['a thrown text says nothing', 'value 4111', 'internal', undefined],
    ['nothing at all', undefined, 'internal', undefined],
  ])('%s', (_name, thrown, code, detail) => {
    const failed = failureOfThrown(thrown);
    expect([failed.code, failed.detail]).toEqual([code, detail]);
    expect(stackFrames(thrown).join()).not.toContain('4111');
  });

  it('has frames that hold no line of its message', () => {
    const frames = stackFrames(new Error('first\n    at secret line\nlast'));
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.join()).not.toContain('secret');
  });
});

describe('media types', () => {
  it.each([
    ['application/json', 'json'],
    ['Application/JSON; charset=utf-8', 'json'],
    ['application/vnd.caio.contract+json', 'json'],
    ['application/yaml', 'yaml'],
    ['text/yaml;charset=utf-8', 'yaml'],
    ['text/plain', undefined],
    ['', undefined],
    ['application/json, text/html', undefined],
  ])('%s is %s', (type, format) => {
    expect(bodyFormat({ 'content-type': type })).toBe(format);
    expect(bodyFormat({ 'content-type': type, 'content-encoding': 'br' })).toBeUndefined();
  });
});

describe('the rate of requests', () => {
  it('refills with time, up to the burst', () => {
    const limit = rateLimiter({ perSecond: 2, burst: 3 });
    const at = (seconds: number) => limit(anonymous, seconds * 1e6);
    expect([at(0), at(0), at(0), at(0)]).toEqual([0, 0, 0, 1]);
    expect([at(0.4), at(0.5), at(0.5)]).toEqual([1, 0, 1]);
    expect([at(100), at(100), at(100), at(100)]).toEqual([0, 0, 0, 1]);
  });
});

describe('the clock of decisions', () => {
  it('never repeats and never goes back', () => {
    const times = [5, 5, 4, 9, 9];
    const clock = strictlyRising({ wallMicros: () => times.shift() ?? 0, monotonicMicros: () => 0 });
    expect(Array.from({ length: 6 }, () => clock.wallMicros())).toEqual([5, 6, 7, 9, 10, 11]);
  });
});

describe('promise headers', () => {
  const routed: Routed = {
    decision: 'routed',
    selected: { service: 's', version: '1', contract: 'c' },
    route_class: 'single',
    chain: [],
    constraints: { budget: [], latency: [], safety: [], policy: [], traits: [] },
    promise: {
      guarantees: {
        accuracy_ppm: { min: 912_345 },
        latency_p95_micros: { max: 1_500_250 },
        determinism: { equals: 1 },
      },
      cost_micro_usd: 1,
      locality: 'region',
      regions: ['eu-1', 'zürich\r\nx: y'],
      jurisdictions: [],
      deadline_micros: 30_000_000,
    },
    control: { kappa_ppm: 0, u: [] },
  };

  it('are in the units in which people write, and hold nothing that a header may not', () => {
    const headers = decisionHeaders({ id: 'i', outcome: routed } as Certificate, 7);
    expect(headers).toEqual({
      'x-caio-decision-id': 'i',
      'x-caio-log-index': '7',
      'x-caio-outcome': 'routed',
      'x-caio-service': 's',
      'x-caio-service-version': '1',
      'x-caio-promise-deadline-ms': '30000',
      'x-caio-promise-cost-usd': '0.000001',
      'x-caio-promise-locality': 'region',
      'x-caio-promise-regions': 'eu-1, z%C3%BCrich%0D%0Ax%3A%20y',
      'x-caio-promise-accuracy': '0.912345',
      'x-caio-promise-latency-p95-ms': '1500.25',
      'x-caio-promise-determinism': '1',
    });
  });
});
