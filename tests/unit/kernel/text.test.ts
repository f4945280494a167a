import { describe, expect, it } from 'vitest';
import { appendPointer, pointerTokens } from '../../../src/kernel/pointer.js';
import { decodeUtf8, encodeUtf8, utf8Length } from '../../../src/kernel/utf8.js';

describe('a JSON pointer', () => {
  it.each<[pointer: string, tokens: readonly string[]]>([
    ['', []],
    ['/', ['']],
    ['/foo/0', ['foo', '0']],
    ['/a~1b', ['a/b']],
    ['/m~0n', ['m~n']],
    ['/~01', ['~1']],
    ['/ /"', [' ', '"']],
  ])('%j leads through %j (RFC 6901 §5)', (pointer, tokens) => {
    expect(pointerTokens(pointer)).toEqual(tokens);
    expect(tokens.reduce(appendPointer, '')).toBe(pointer);
  });

  it.each(['a', '#/a', '/~', '/~2', '/a~'])('%j is none', (pointer) => {
    expect(pointerTokens(pointer)).toBeUndefined();
  });

  it('takes an index as a number', () => {
    expect(appendPointer('/a', 3)).toBe('/a/3');
  });
});

describe('UTF-8', () => {
  it.each(['', 'a', 'é', '€', '😀', 'a😀b', '\ud800', '\udc00x', '\ud800\ud800\udc00'])(
    'the length of %j is that of its bytes',
    (text) => {
      expect(utf8Length(text)).toBe(encodeUtf8(text).length);
    },
  );

  it('decodes what is UTF-8, its byte order mark kept', () => {
    expect(decodeUtf8(encodeUtf8('\ufeffé😀'))).toEqual({ ok: true, value: '\ufeffé😀' });
  });

  it.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xe2, 0x82]], [[0xf4, 0x90, 0x80, 0x80]]])(
    'refuses the bytes %j',
    (bytes) => {
      expect(decodeUtf8(Uint8Array.from(bytes))).toMatchObject({
        ok: false,
        error: { code: 'utf8_invalid' },
      });
    },
  );
});
