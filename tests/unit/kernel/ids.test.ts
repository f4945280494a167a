import { describe, expect, it } from 'vitest';
import { parseKeyId, parseServiceId, parseVersion } from '../../../src/kernel/ids.js';

describe('an id', () => {
  it.each(['a', '0', 'svc-1.eu_west', 'a'.repeat(48)])('may be %s', (text) => {
    expect(parseServiceId(text)).toEqual({ ok: true, value: text });
  });

  it.each(['', '-a', '.a', '_a', 'A', 'a b', 'a/b', 'é', 'a'.repeat(49), 'a\n', 'a\u0000'])(
    'may not be %j',
    (text) => {
      expect(parseServiceId(text, '/id')).toMatchObject({
        ok: false,
        error: { code: 'id_invalid', path: '/id' },
      });
    },
  );

  it('that is refused names what it should have been', () => {
    expect(parseKeyId('A')).toMatchObject({ error: { message: '"A" is not a key id' } });
    expect(parseKeyId('A'.repeat(1_000))).toMatchObject({
      error: { message: expect.stringMatching(/^.{80,90}$/) },
    });
  });
});

describe('a version', () => {
  it.each(['1', '1.2.3', '2026-01-31', '1.0.0-rc.1+build.5', 'v'.repeat(32)])('may be %s', (text) => {
    expect(parseVersion(text)).toEqual({ ok: true, value: text });
  });

  it.each(['', '1 0', '1_0', 'v'.repeat(33), '1\n'])('may not be %j', (text) => {
    expect(parseVersion(text)).toMatchObject({ ok: false, error: { code: 'id_invalid' } });
  });
});
