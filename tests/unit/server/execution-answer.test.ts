import { describe, expect, it } from 'vitest';
import type { Answered } from '../../../src/gateway/port.js';
import type { Recorded } from '../../../src/server/decisions/decide-and-record.js';
import { executionAnswer } from '../../../src/server/routes/execution-answer.js';

const recorded = {
  decision: { certificate: { id: 'd', outcome: { decision: 'refused' } } },
  index: 1,
} as unknown as Recorded;

/** The body of the answer when a service answered with these bytes, as it would be written. */
function written(body: Uint8Array): { readonly [member: string]: unknown } {
  const service = { service: 'echo', version: '1', contract: 'c' };
  const answered = { kind: 'answered', status: 200, rank: 0, service, headers: {}, attempts: [], body };
  const answer = executionAnswer(answered as unknown as Answered, recorded, {});
  if (answer.kind !== 'json') throw new Error(`answered as ${answer.kind}`);
  return JSON.parse(JSON.stringify(answer.body));
}

describe('what a service answered, beside the decision', () => {
  it.each([
    ['JSON as it is', '{"a":[1,2]}', { a: [1, 2] }],
    ['other text as a string', 'hello', 'hello'],
    ['an empty answer as an empty string', '', ''],
  ])('is %s', (_, text, result) => {
    expect(written(new TextEncoder().encode(text)).result).toEqual(result);
  });

  it('is base64 where it is no text', () => {
    expect(written(Uint8Array.of(0xff, 0xfe))).toMatchObject({ result: '//4=', result_encoding: 'base64' });
  });

  it('is a string where it is nested so deep that no answer could be written of it', () => {
    const text = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(written(new TextEncoder().encode(text)).result).toBe(text);
  });
});
