import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { defaultParameters } from '../../../src/contracts/default-parameters.js';
import {
  availabilityRowDigest,
  contractDigest,
  historyRowDigest,
  parametersDigest,
  policyDigest,
  requestDigest,
} from '../../../src/contracts/digests.js';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

it('each digest is SHA-256 of its tag, a line feed and the canonical text (calculus §1)', () => {
  const row = { service: 'a', trials: 2, successes: 1 };
  expect(historyRowDigest(row)).toBe(hash('caio/history-row/v1\n{"service":"a","successes":1,"trials":2}'));
  const availability = { service: 'a', state: 'disabled', reason: 'é' } as const;
  expect(availabilityRowDigest(availability)).toBe(
    hash('caio/availability-row/v1\n{"reason":"é","service":"a","state":"disabled"}'),
  );
  const policy = { id: 'p', version: '1', context: {}, rules: [] };
  expect(policyDigest(policy)).toBe(hash('caio/policy/v1\n{"context":{},"id":"p","rules":[],"version":"1"}'));
  // Only the tag is at stake here: the functions take any value of theirs as it is.
  expect(contractDigest({} as never)).toBe(hash('caio/contract/v1\n{}'));
  expect(requestDigest({} as never)).toBe(hash('caio/request/v1\n{}'));
  expect(parametersDigest({} as never)).toBe(hash('caio/parameters/v1\n{}'));
  expect(parametersDigest(defaultParameters)).toMatch(/^[0-9a-f]{64}$/);
});
