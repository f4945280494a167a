import { expect, it } from 'vitest';
import { canonicalSize } from '../../../src/contracts/canonical-size.js';
import { canonicalBytes } from '../../../src/kernel/canonical.js';
import { type DocumentKind, parseText } from '../../bad-input/contracts-parsers.js';

/** A document that grows by a canonical byte with each unit of `length`, by lists of texts of up to 64 letters. */
const documents: {
  readonly [Kind in 'contract' | 'policy' | 'caller' | 'request']: (length: number) => object;
} = {
  contract: (length) => ({
    id: 'a',
    version: '1',
    origin: 'internal',
    capabilities: [{ type: 'a', parameters: lists(length) }],
    privacy: { locality: 'local' },
    alignment: { risk: 0 },
    security: { permissions: [], trust_level: 0 },
    api: { protocol: 'caio', url: 'http://a' },
  }),
  policy: (length) => ({
    id: 'a',
    version: '1',
    rules: Array.from({ length: Math.ceil(length / 4_000) }, (_, i) => ({
      id: `r${String(i).padStart(3, '0')}`,
      type: 'sla',
      when: 'x'.repeat(i === 0 ? length % 4_000 || 4_000 : 4_000),
      require: 'true',
      reason: 'a',
    })),
  }),
  caller: (length) => ({
    method: 'jwt',
    issuer: 'a',
    audience: 'a',
    key_id: 'a',
    not_before: '2026-01-01T00:00:00Z',
    expires: '2027-01-01T00:00:00Z',
    tenant: 'a',
    permissions: texts(length, ''),
    trust_level: 0,
  }),
  request: (length) => ({ request: { intent: { type: 'a' }, data: { jurisdictions: texts(length, '') } } }),
};

/** Distinct texts that take `length` canonical bytes as members of a list, commas and quotes included, but for a remainder below 8. */
function texts(length: number, prefix: string): readonly string[] {
  const whole = Math.floor(length / 60);
  const rest = length % 60;
  const list = Array.from(
    { length: whole },
    (_, i) => `${prefix}${String(i).padStart(57 - prefix.length, 'x')}`,
  );
  return rest < 8 ? list : [...list, `${prefix}${'y'.repeat(rest - 3 - prefix.length)}`];
}

function lists(length: number): object {
  return Object.fromEntries(
    Array.from({ length: Math.ceil(length / 12_000) }, (_, i) => [
      `p${i}`,
      texts(Math.min(12_000, length - i * 12_000), `${i}`),
    ]),
  );
}

it.each([
  ['request', 4_096],
  ['contract', 49_152],
  ['policy', 49_152],
  ['caller', 2_048],
] as const)('a %s has at most %i canonical bytes', (kind, most) => {
  let accepted = 0;
  let refused = Number.POSITIVE_INFINITY;
  for (
    let length = most - 1_400;
    length <= most + 50 && refused === Number.POSITIVE_INFINITY;
    length += accepted < most - 80 ? 24 : 1
  ) {
    const parsed = parseText(kind satisfies DocumentKind, JSON.stringify(documents[kind](length)), 'json');
    if (parsed.ok) {
      const value = parsed.value as { request?: unknown; caller?: unknown };
      accepted = Math.max(accepted, canonicalBytes(value.request ?? value.caller ?? value).length);
    } else {
      expect(parsed.error).toMatchObject([{ code: 'document_too_large' }]);
      refused = Math.min(refused, Number(/has (\d+) canonical/.exec(parsed.error[0]?.message ?? '')?.[1]));
    }
  }
  // Sizes next to the limit on both sides were met.
  expect(accepted).toBeLessThanOrEqual(most);
  expect(accepted).toBeGreaterThan(most - 10);
  expect(refused).toBeGreaterThan(most);
  expect(refused).toBeLessThan(most + 10);
});

it('sizes are counted in UTF-8', () => {
  for (const value of [{ é: '𝒜\u2028"\\\u0001' }, [1e21, -0, 1e-7, 0.1], { b: 1, a: { d: [], c: {} } }]) {
    expect(canonicalSize(value)).toBe(canonicalBytes(value).length);
  }
});
