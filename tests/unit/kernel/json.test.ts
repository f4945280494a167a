import { describe, expect, it } from 'vitest';
import { type JsonLimits, readJson, type SourceDocument, valueAt } from '../../../src/kernel/json.js';
import type { Problem } from '../../../src/kernel/problem.js';

function read(text: string, limits?: Partial<JsonLimits>): SourceDocument {
  const result = readJson(text, limits);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function problemsOf(text: string, limits?: Partial<JsonLimits>): readonly Problem[] {
  const result = readJson(text, limits);
  return result.ok ? [] : result.error;
}

describe('readJson refuses', () => {
  const cases: readonly (readonly [name: string, text: string, code: string, path: string, at: string])[] = [
    ['an empty text', '', 'json_syntax', '', '1:1'],
    ['space only', ' \n ', 'json_syntax', '', '2:2'],
    ['a byte order mark', '\ufeff{}', 'json_syntax', '', '1:1'],
    ['two values', '1 2', 'json_syntax', '', '1:3'],
    ['a comma too many in an object', '{"a":1,}', 'json_syntax', '/a', '1:8'],
    ['a comma too many in an array', '[1,]', 'json_syntax', '/1', '1:4'],
    ['a missing comma', '{"a":1\n "b":2}', 'json_syntax', '/a', '2:2'],
    ['a missing colon', '{"a" 1}', 'json_syntax', '/a', '1:6'],
    ['an unquoted name', '{a:1}', 'json_syntax', '', '1:2'],
    ['single quotes', "{'a':1}", 'json_syntax', '', '1:2'],
    ['a comment', '{} // no', 'json_syntax', '', '1:4'],
    ['an unclosed object', '{"a":1', 'json_syntax', '/a', '1:7'],
    ['an unclosed string', '["abc', 'json_syntax', '/0', '1:6'],
    ['a line feed in a string', '["a\nb"]', 'json_syntax', '/0', '1:4'],
    ['an unknown escape', '["\\x"]', 'json_syntax', '/0', '1:3'],
    ['a short \\u escape', '["\\u12g4"]', 'json_syntax', '/0', '1:3'],
    ['an upper-case word', '[True]', 'json_syntax', '/0', '1:2'],
    ['NaN', '[NaN]', 'json_syntax', '/0', '1:2'],
    ['a leading zero', '[01]', 'json_syntax', '/0', '1:2'],
    ['a negative leading zero', '[-01]', 'json_syntax', '/0', '1:2'],
    ['a plus', '[+1]', 'json_syntax', '/0', '1:2'],
    ['a bare point', '[.5]', 'json_syntax', '/0', '1:2'],
    ['a point at the end', '[5.]', 'json_syntax', '/0', '1:4'],
    ['an exponent without digits', '[5e+]', 'json_syntax', '/0', '1:5'],
    ['a lone minus', '[-]', 'json_syntax', '/0', '1:3'],
    ['a number beyond a double', '{"a":[1e400]}', 'json_number_range', '/a/0', '1:7'],
    ['an escaped high surrogate', '{"a":"\\ud800"}', 'json_lone_surrogate', '/a', '1:7'],
    ['an escaped low surrogate', '{"a":"\\udc00x"}', 'json_lone_surrogate', '/a', '1:7'],
    ['a raw high surrogate', '{"a":"\ud800"}', 'json_lone_surrogate', '/a', '1:7'],
    ['a raw half beside an escaped half', '{"a":"\ud83d\\ude00"}', 'json_lone_surrogate', '/a', '1:7'],
    ['a lone surrogate in a name', '{"\\ud800":1}', 'json_lone_surrogate', '', '1:3'],
    ['a name that occurs twice', '{"a":1,\n"b":2,"a":3}', 'json_duplicate_key', '/a', '2:7'],
    ['a name that occurs twice by escape', '{"a":1,"\\u0061":3}', 'json_duplicate_key', '/a', '1:8'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'json_duplicate_key', '/__proto__', '1:16'],
  ];

  it.each(cases)('%s', (_name, text, code, path, at) => {
    const problem = problemsOf(text)[0];
    expect(problem).toMatchObject({ code, path });
    expect(`${problem?.line}:${problem?.column}`).toBe(at);
  });

  it('says how to write it, where people often do not know', () => {
    expect(problemsOf("{'a':1}")[0]?.hint).toBe('strings take double quotes');
    expect(problemsOf('[1,]')[0]?.hint).toBe('is there a comma too many?');
  });
});

describe('readJson is not hurt by', () => {
  it('2,000 open brackets, nor 200,000', () => {
    expect(problemsOf('['.repeat(2_000))).toMatchObject([{ code: 'json_too_deep', column: 65 }]);
    expect(problemsOf('['.repeat(200_000))).toMatchObject([{ code: 'json_too_deep', column: 65 }]);
    expect(problemsOf('{"a":'.repeat(2_000))).toMatchObject([{ code: 'json_too_deep' }]);
  });

  it('a depth limit beyond what the stack holds', () => {
    const problems = problemsOf('['.repeat(100_000), { maxDepth: 1e9 });
    expect(problems).toMatchObject([{ code: 'json_too_deep', column: 513 }]);
  });

  it('40,000 names: refused at the limit, read in one pass where the limit is raised', () => {
    const members = Array.from({ length: 40_000 }, (_, i) => `"k${i}":${i}`);
    const text = `{${members.join(',')}}`;
    expect(problemsOf(text, { maxBytes: 1 << 20 })).toMatchObject([{ code: 'json_too_many_values' }]);
    const document = read(text, { maxBytes: 1 << 20, maxValues: 50_000 });
    expect(Object.keys(document.value as object)).toHaveLength(40_000);
    expect(document.locate('/k39999').column).toBe(text.lastIndexOf(':') + 2);
  });

  it('40,000 names that are all the same: 16 problems and no more', () => {
    const text = `{${Array.from({ length: 40_000 }, () => '"k":0').join(',')}}`;
    const problems = problemsOf(text, { maxBytes: 1 << 20, maxValues: 50_000 });
    expect(problems).toHaveLength(16);
    expect(problems.every(({ code }) => code === 'json_duplicate_key')).toBe(true);
  });

  it('a name of 200,000 characters with many problems below it', () => {
    const text = `{"${'n'.repeat(200_000)}":{"a":1,"a":2,"a":3}}`;
    const problems = problemsOf(text);
    expect(problems).toHaveLength(2);
    expect(problems[0]?.path).toBe('');
  });

  it('a long name with 9,000 values below it that are looked up one by one', () => {
    const name = 'n'.repeat(100_000);
    const document = read(`{"${name}":[${'0.10,'.repeat(9_000)}0]}`);
    expect(document.numberText(`/${name}/8999`)).toBe('0.10');
    expect(document.locate(`/${name}/1`)).toEqual({ line: 1, column: 100_011 });
  });

  it('a text beyond the byte limit, counted in UTF-8', () => {
    expect(problemsOf(`"${'a'.repeat(256 * 1024 - 2)}"`)).toEqual([]);
    expect(problemsOf(`"${'a'.repeat(256 * 1024 - 1)}"`)).toMatchObject([{ code: 'json_too_large' }]);
    expect(problemsOf('"éé"', { maxBytes: 6 })).toEqual([]);
    expect(problemsOf('"éé"', { maxBytes: 5 })).toMatchObject([{ code: 'json_too_large' }]);
  });
});

describe('readJson counts', () => {
  it('64 levels as the most', () => {
    expect(problemsOf('['.repeat(64) + ']'.repeat(64))).toEqual([]);
    expect(problemsOf('['.repeat(65) + ']'.repeat(65))).toMatchObject([{ code: 'json_too_deep' }]);
  });

  it('the root and each member and element as a value', () => {
    expect(problemsOf('[1,2,3]', { maxValues: 4 })).toEqual([]);
    expect(problemsOf('[1,2,3]', { maxValues: 3 })).toMatchObject([
      { code: 'json_too_many_values', path: '/2' },
    ]);
  });

  it('every problem it can read past, in the order of the text', () => {
    const text = '{"a":"\\ud800","b":1e999,"a":0}';
    expect(problemsOf(text).map(({ code }) => code)).toEqual([
      'json_lone_surrogate',
      'json_number_range',
      'json_duplicate_key',
    ]);
  });
});

describe('a document', () => {
  it('holds __proto__ and constructor as names like any other', () => {
    const { value } = read('{"__proto__":{"polluted":true},"constructor":1}');
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(valueAt(value, '/__proto__/polluted')).toBe(true);
    expect(valueAt(read('{}').value, '/toString')).toBeUndefined();
  });

  it.each([
    '0',
    '-0',
    '7',
    '-7',
    '1.0',
    '1.50',
    '5E2',
    '5e+2',
    '1e-7',
    '0.0000001',
    '999999999999999',
    '1000000000000000',
    '9007199254740993',
    '0.1000000000000000055511151231257827',
    '1e-400',
    '100000000000000000000000',
  ])('keeps %s as it was written', (text) => {
    expect(read(text).numberText('')).toBe(text);
    expect(read(` [ ${text} ]`).numberText('/0')).toBe(text);
    expect(read(`{"a/b":{"~":[0,${text}]}}`).numberText('/a~1b/~0/1')).toBe(text);
  });

  it('has no number text where no number is', () => {
    const document = read('{"a":"1","b":[1]}');
    for (const pointer of ['', '/a', '/b', '/b/1', '/b/00', '/b/-', '/c', 'b/0', '/b/0/0', '/~2']) {
      expect(document.numberText(pointer), pointer).toBeUndefined();
    }
  });

  it('locates every pointer, and the nearest ancestor of one that leads nowhere', () => {
    const document = read('{\n  "a": [1, "x\\"]", {"b": null}],\r\n  "c\\n": {}, "": 2\n}');
    expect(document.locate('')).toEqual({ line: 1, column: 1 });
    expect(document.locate('/a')).toEqual({ line: 2, column: 8 });
    expect(document.locate('/a/2/b')).toEqual({ line: 2, column: 26 });
    expect(document.locate('/c\n')).toEqual({ line: 3, column: 10 });
    expect(document.locate('/')).toEqual({ line: 3, column: 18 });
    expect(document.locate('/a/2/b/c')).toEqual({ line: 2, column: 26 });
    expect(document.locate('/a/9')).toEqual({ line: 2, column: 8 });
    expect(document.locate('nonsense')).toEqual({ line: 1, column: 1 });
  });
});
