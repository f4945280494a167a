/** Documents that were good until something was done to them: to a value somewhere in the tree, or to the text. */
import fc from 'fast-check';
import { schemaDocument } from '../../src/contracts/schema.js';
import { type DocumentKind, documentKinds } from '../bad-input/contracts-parsers.js';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface HostileTree {
  readonly kind: DocumentKind;
  readonly text: string;
}

const hostileValues: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e-7,
  0.1 + 0.2,
  1e21,
  2 ** 32,
  2 ** 32 + 1,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  '',
  ' ',
  'x'.repeat(2_000),
  '2026-02-30',
  '1.0',
  'no',
  '\u{1f600}',
  '../../etc/passwd',
  'file:',
  [],
  [[[]]],
  {},
  { min: 2, max: 1 },
  { any_of: [1] },
  { constructor: { prototype: 1 } },
  ['a', 'a', 'a'],
];

const hostileNames = [
  'constructor',
  'toString',
  'x',
  '',
  'id',
  'Id',
  'min',
  'equals',
  '~1',
  'a/b',
  '0',
  'x'.repeat(500),
  'é',
];

/** Every container in a tree, in the order of the text. */
function containersOf(tree: Json, found: (Json[] | { [name: string]: Json })[] = []) {
  if (typeof tree !== 'object' || tree === null) return found;
  found.push(tree);
  for (const child of Object.values(tree)) containersOf(child, found);
  return found;
}

interface Change {
  readonly where: number;
  readonly which: number;
  readonly act: 'replace' | 'remove' | 'rename' | 'add';
  readonly value: Json;
  readonly name: string;
}

const changes: fc.Arbitrary<Change> = fc.record({
  where: fc.nat(1_000),
  which: fc.nat(1_000),
  act: fc.constantFrom('replace' as const, 'remove' as const, 'rename' as const, 'add' as const),
  value: fc.constantFrom(...hostileValues),
  name: fc.constantFrom(...hostileNames),
});

function changed(tree: Json, { where, which, act, value: shared, name }: Change): Json {
  const value = structuredClone(shared);
  const containers = containersOf(tree);
  const container = containers[where % Math.max(1, containers.length)];
  if (container === undefined) return value;
  const keys = Object.keys(container);
  const key = keys[which % Math.max(1, keys.length)];
  if (Array.isArray(container)) {
    const index = Number(key ?? 0);
    if (act === 'remove') container.splice(index, 1);
    else if (act === 'replace') container[index] = value;
    else container.push(value);
    return tree;
  }
  if (act === 'add' || key === undefined) container[name] = value;
  else if (act === 'replace') container[key] = value;
  else {
    const kept = container[key] as Json;
    delete container[key];
    if (act === 'rename') container[name] = kept;
  }
  return tree;
}

const examples = documentKinds.flatMap((kind) =>
  (schemaDocument(kind).examples as Json[]).map((example) => [kind, example] as const),
);

/** JSON texts of examples with up to three values changed; valid JSON always, a valid document sometimes. */
export const hostileTrees: fc.Arbitrary<HostileTree> = fc
  .tuple(
    fc.constantFrom(...examples),
    fc.array(changes, { minLength: 1, maxLength: 3 }),
    fc.constantFrom(0, 2),
  )
  .map(([[kind, example], list, indent]) => ({
    kind,
    text: JSON.stringify(list.reduce(changed, structuredClone(example)), undefined, indent),
  }));

const pieces = [
  ...[
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    ': ',
    '- ',
    '? ',
    '#',
    ' #',
    '"',
    "'",
    '\\',
    '|\n',
    '>\n',
    '&a ',
    '*a',
    '!t ',
    '%',
    '@',
    '`',
    '<<: ',
  ],
  ...[
    '\n',
    '\r',
    '\t',
    ' ',
    '\0',
    '\u007f',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\ud800',
    '\udc00',
    '\u{1f600}',
    '\\ud800',
    '\\u0000',
  ],
  ...[
    '---\n',
    '...\n',
    '1e400',
    '-',
    '.',
    '0x',
    'null',
    '~',
    '__proto__',
    '['.repeat(70),
    '- '.repeat(70),
    ' '.repeat(70),
    'x'.repeat(1_100),
  ],
];

/** Texts of examples, in JSON or in a plain YAML, with pieces put in and parts cut out or repeated. */
export const hostileTexts: fc.Arbitrary<HostileTree & { readonly notation: 'json' | 'yaml' }> = fc
  .tuple(
    fc.constantFrom(...examples),
    fc.constantFrom('yaml' as const, 'yaml' as const, 'json' as const),
    fc.boolean(),
    fc.array(
      fc.record({
        at: fc.nat(5_000),
        atValue: fc.boolean(),
        length: fc.nat(12),
        act: fc.constantFrom('insert' as const, 'cut' as const, 'repeat' as const),
        piece: fc.constantFrom(...pieces),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  )
  .map(([[kind, example], notation, block, edits]) => {
    let text = notation === 'yaml' && block ? blockYaml(example, '') : JSON.stringify(example, undefined, 1);
    for (const { at, atValue, length, act, piece } of edits) {
      const from = atValue ? startOfValue(text, at) : at % (text.length + 1);
      const part = text.slice(from, from + length);
      if (act === 'insert') text = text.slice(0, from) + piece + text.slice(from);
      else if (act === 'cut') text = text.slice(0, from) + text.slice(from + length);
      else text = text.slice(0, from) + part.repeat(3) + text.slice(from + length);
    }
    return { kind, notation, text };
  });

/** Behind one of the colons: where an anchor or a tag would stand. */
function startOfValue(text: string, which: number): number {
  const starts = [...text.matchAll(/: /g)].map(({ index }) => index + 2);
  return starts[which % Math.max(1, starts.length)] ?? 0;
}

/** Block style: what people write by hand. */
export function blockYaml(value: Json, indent: string): string {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0)
    return `${JSON.stringify(value)}\n`;
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((item) => `${indent}-${nested(item, inner)}`)
    : Object.entries(value).map(([name, item]) => `${indent}${JSON.stringify(name)}:${nested(item, inner)}`);
  return lines.join('');
}

function nested(value: Json, indent: string): string {
  const isBlock = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  return isBlock ? `\n${blockYaml(value, indent)}` : ` ${blockYaml(value, indent)}`;
}
