import { describe, expect, it } from 'vitest';
import {
  digestFromBytes,
  digestOf,
  digestText,
  digestToBytes,
  hmacSha256,
  parseDigest,
  sha256,
} from '../../../src/kernel/digest.js';
import { encodeUtf8 } from '../../../src/kernel/utf8.js';

describe('hashing', () => {
  it('is SHA-256 (FIPS 180-4, "abc")', () => {
    expect(digestFromBytes(sha256(encodeUtf8('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('is HMAC-SHA-256 (RFC 4231, test case 2)', () => {
    const mac = hmacSha256(encodeUtf8('Jefe'), encodeUtf8('what do ya want for nothing?'));
    expect(digestFromBytes(mac)).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });
});

describe('a tagged digest', () => {
  it('is SHA-256 over the tag, a line feed and the canonical text', () => {
    const expected = digestFromBytes(sha256(encodeUtf8('caio/test/v1\n{"a":1,"é":2}')));
    expect(digestOf('caio/test/v1', { é: 2, a: 1 })).toBe(expected);
    expect(digestText('caio/test/v1', '{"a":1,"é":2}')).toBe(expected);
  });

  it('differs where the tag does', () => {
    expect(digestOf('a', 1)).not.toBe(digestOf('b', 1));
  });

  it('is refused for what has no canonical form', () => {
    expect(() => digestOf('a', undefined)).toThrow(expect.objectContaining({ code: 'canonical_invalid' }));
  });

  it('survives bytes and back', () => {
    const digest = digestOf('a', 1);
    expect(digestFromBytes(digestToBytes(digest))).toBe(digest);
    expect(digestFromBytes(new Uint8Array(digestToBytes(digest)).subarray(0))).toBe(digest);
  });
});

describe('parseDigest', () => {
  it('takes 64 lowercase hexadecimal digits', () => {
    expect(parseDigest('0a'.repeat(32))).toEqual({ ok: true, value: '0a'.repeat(32) });
  });

  it.each(['', 'a'.repeat(63), 'a'.repeat(65), 'A'.repeat(64), 'g'.repeat(64), `${'a'.repeat(64)}\n`])(
    'refuses %j',
    (text) => {
      expect(parseDigest(text, '/digest')).toMatchObject({
        ok: false,
        error: { code: 'digest_invalid', path: '/digest' },
      });
    },
  );
});
