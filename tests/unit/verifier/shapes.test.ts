import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { defaultParameters } from '../../../src/contracts/default-parameters.js';
import { readDocument } from '../../../src/contracts/document.js';
import { parseContract } from '../../../src/contracts/parse-contract.js';
import { parsePolicy } from '../../../src/contracts/parse-policy.js';
import { contractShape, parametersShape, policyShape } from '../../../src/verifier/document-shapes.js';
import { readJson } from '../../../src/verifier/read-json.js';

const configs = fileURLToPath(new URL('../../../configs/', import.meta.url));

function documentsIn(folder: string): string[] {
  return readdirSync(`${configs}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => `${configs}${folder}/${name}`);
}

function parsed<T>(path: string, parse: (document: never) => { ok: boolean; value?: T }): T {
  const document = readDocument(readFileSync(path, 'utf8'), 'yaml');
  if (!document.ok) throw new Error(`${path} is not YAML`);
  const result = parse(document.value as never);
  if (!result.ok || result.value === undefined)
    throw new Error(`${path} does not parse: ${JSON.stringify(result)}`);
  return result.value;
}

describe('what the parsers make has the shape that the verifier demands', () => {
  it('of every contract that is shipped', () => {
    const paths = documentsIn('services');
    expect(paths.length).toBeGreaterThan(3);
    for (const path of paths)
      expect(() => contractShape(parsed(path, parseContract), ''), path).not.toThrow();
  });

  it('of every policy that is shipped', () => {
    const paths = documentsIn('policies');
    expect(paths.length).toBeGreaterThan(1);
    for (const path of paths) expect(() => policyShape(parsed(path, parsePolicy), ''), path).not.toThrow();
  });

  it('of the default parameters', () => {
    expect(() => parametersShape(defaultParameters, '')).not.toThrow();
  });
});

describe('strict JSON', () => {
  it.each([
    '{"a":1,"a":1}',
    '{"\\u0061":1,"a":1}',
    '9007199254740992',
    '1.0',
    '1e3',
    '-0',
    '01',
    '+1',
    '"\\ud83d"',
    '"\ud83d"',
    '"a\nb"',
    '"\\x41"',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "'a'",
    'NaN',
    'nul',
    '[1 2]',
    '{"a" 1}',
    '',
    '\uFEFF1',
    '[',
    '[[[1]',
    '"',
  ])('refuses %j', (text) => expect(() => readJson(text)).toThrow(SyntaxError));

  it.each([
    ['{"a":[true,false,null,-1,"\\u00e9\\n"]}', { a: [true, false, null, -1, 'é\n'] }],
    [' [ ] ', []],
    ['"\\ud83d\\ude00"', '😀'],
    ['-9007199254740991', -9007199254740991],
  ])('reads %j', (text, value) => expect(readJson(text)).toEqual(value));

  it('keeps a key named like the prototype as a key', () => {
    const value = readJson('{"__proto__":{"admin":true},"constructor":1}') as object;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect('admin' in value).toBe(false);
  });

  it('answers for ten million brackets', () => {
    expect(() => readJson('['.repeat(10_000_000))).toThrow(/more than 64 levels/);
  });
});
