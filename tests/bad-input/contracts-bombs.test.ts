import { describe, expect, it } from 'vitest';
import { readDocument } from '../../src/contracts/document.js';
import { parseText } from './contracts-parsers.js';

const size = 256 * 1_024;
/** As many copies as fit into the largest text that is read. */
const full = (piece: string, around: readonly [string, string] = ['', '']) =>
  around[0] +
  piece.repeat(Math.floor((size - around.join('').length) / Buffer.byteLength(piece))) +
  around[1];

const isRefused: readonly (readonly [string, string])[] = [
  ['brackets', full('[')],
  ['braces', full('{')],
  ['brackets and braces', full('[{')],
  ['brackets on lines', full('[\n ')],
  ['brackets behind keys', full('a: [')],
  ['keys in braces', full('{"a":')],
  ['pairs in brackets', full('[a: ')],
  ['closing brackets', full(']')],
  ['dashes', full('- ')],
  ['dashes on lines', full('-\n')],
  ['question marks', full('? ')],
  ['colons', full(': ')],
  ['keys on a line', full('a: ')],
  ['quoted keys on a line', full('"a": ')],
  ['commas', full(',', ['[', ']'])],
  ['anchors', full('&')],
  ['aliases', full('*')],
  ['tags', full('!')],
  ['escaped tags', full('!%41')],
  ['directives', full('%\n')],
  ['documents', full('---\n')],
  ['ends of documents', full('...\n')],
  ['comments', full('#\n')],
  ['blank lines', full('\n', ['a:', ' b'])],
  ['comments in brackets', full('#\n', ['[', ']'])],
  ['open quotes', full('"\n')],
  ['open single quotes', full("'\n")],
  ['three quotes a line', full("'''\n")],
  ['escaped quotes that never end', full('\\"', ['"', ''])],
  ['block scalars', full('- |\n')],
  ['headers of block scalars', full('|')],
  ['one key, many times', 'k: 1\n'.repeat(9_000)],
  ['digits', full('1', ['a: ', ''])],
  ['NULs', full('\0')],
];

const isRead: readonly (readonly [string, string])[] = [
  ['spaces', full(' ')],
  ['spaces in a text', full(' ', ['a: x', 'y'])],
  ['spaces in quotes', full(' ', ['"', 'x"'])],
  ['lines in quotes', full('a\n ', ['"', '"'])],
  ['blank lines in quotes', full('\n', ['"', '"'])],
  ['lines of a plain text', full('x\n  ', ['a: ', 'y'])],
  ['lines of a folded text', full('  x\n', ['a: >\n', ''])],
  ['lines of a literal text', full('  x\n', ['a: |\n', ''])],
  ['blank lines that are kept', full('\n', ['a: |+\n', ''])],
  ['backslashes', full('\\\\', ['"', '"'])],
  ['hashes', full('x#', ['a: ', ''])],
  ['9,000 keys', Array.from({ length: 9_000 }, (_, i) => `k${i}: 1`).join('\n')],
  ['9,000 keys in braces', `{${Array.from({ length: 9_000 }, (_, i) => `k${i}: 1`).join(',')}}`],
  ['comments between keys', Array.from({ length: 400 }, (_, i) => `k${i}: 1\n${'#\n'.repeat(250)}`).join('')],
  [
    'indented comments before values',
    Array.from({ length: 250 }, (_, i) => `k${i}:\n${'  #\n'.repeat(200)}  1\n`).join(''),
  ],
];

describe('YAML made to be deep or slow', () => {
  it.each(isRefused)('of %s is refused', (_, text) => {
    const read = readDocument(text, 'yaml');
    expect(read.ok).toBe(false);
    if (!read.ok) expect(read.error[0]?.code).toMatch(/^yaml_/);
  });

  it.each(isRead)('of %s is read', (_, text) => {
    expect(readDocument(text, 'yaml')).toMatchObject({ ok: true });
  });

  it('a body of 2,000 brackets does no harm sixty times', () => {
    for (let i = 0; i < 60; i += 1) expect(readDocument('['.repeat(2_000), 'yaml').ok).toBe(false);
  });
});

describe('JSON made to be deep or slow is answered', () => {
  it.each([
    ['brackets', full('[')],
    [
      'fields that nobody reads',
      `{"request": {${Array.from({ length: 9_000 }, (_, i) => `"f${i}":\n0`).join(',')}}}`,
    ],
    [
      'members of a set',
      `{"request": {"intent": {"type": "x"}, "data": {"jurisdictions": [${'"a",'.repeat(9_000)}"a"]}}}`,
    ],
    [
      'capabilities',
      `{"request": {"intent": {"type": "x"}, "requirements": {"capabilities": [${'{"type":1},'.repeat(3_000)}{}]}}}`,
    ],
    [
      'digits',
      `{"request": {"intent": {"type": "x"}, "budget": {"max_cost_usd": 0.${'1'.repeat(200_000)}}}}`,
    ],
    ['zeros', `{"request": {"intent": {"type": "x"}, "seed": 1${'0'.repeat(200_000)}e-200001}}`],
  ])('%s', (_, text) => {
    const parsed = parseText('request', text, 'json');
    expect(parsed.ok).toBe(false);
  });
});
