import { describe, expect, it } from 'vitest';
import { errorTable } from '../../../src/kernel/errors.js';
import {
  CaioError,
  errorFromResponse,
  InvalidError,
  RefusedError,
  UnavailableError,
} from '../../../src/sdk/caio-error.js';

const respond = (status: number, body: string, headers = {}) =>
  errorFromResponse(new Response(body, { status, headers }));

describe('an error of the API', () => {
  it('has the class of its code, for every code of the table', async () => {
    const classes = { invalid: InvalidError, refusal: RefusedError, fault: UnavailableError } as const;
    const seen: string[] = [];
    for (const [code, { kind, http }] of Object.entries(errorTable)) {
      const error = await respond(http, JSON.stringify({ code, title: 'title', detail: 'detail' }));
      expect(error.constructor).toBe(classes[kind as keyof typeof classes] ?? CaioError);
      expect([error.code, error.kind, error.status]).toEqual([code, kind, http]);
      seen.push(code);
    }
    console.log(`error codes: ${seen.length} cases`);
    expect(seen.length).toBeGreaterThan(30);
  });

  it('carries the problems and the decision', async () => {
    const problems = [{ code: 'x', path: '/id', message: 'is bad', line: 3 }];
    const invalid = await respond(422, JSON.stringify({ code: 'invalid_contract', problems }));
    expect(invalid.problems).toEqual(problems);
    expect(invalid.message).toContain('/id is bad');
    const refused = await respond(422, '{"code":"no_admissible_service"}', { 'x-caio-decision-id': 'abc' });
    expect([refused.decisionId, refused.retryable]).toEqual(['abc', false]);
    expect((await respond(429, '{"code":"rate_limited"}')).retryable).toBe(true);
  });

  it('is of an unknown kind when the answer is not one of CAIO', async () => {
    for (const body of [
      '',
      '<html>',
      '[]',
      'null',
      '{"code":"toString"}',
      '{"code":3}',
      '{"problems":"x"}',
    ]) {
      const error = await respond(503, body);
      expect([error.code, error.kind, error.status]).toEqual(['unknown', 'unknown', 503]);
    }
  });
});
