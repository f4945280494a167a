import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { guaranteeProperties } from '../../../src/contracts/guarantee.js';
import { schemaDocument } from '../../../src/contracts/schema.js';
import { documentKinds, parseText } from '../../bad-input/contracts-parsers.js';

const root = join(import.meta.dirname, '..', '..', '..');
const authored = readdirSync(join(root, 'configs', 'schemas'))
  .filter((file) => file.endsWith('.schema.json'))
  .map((file) => file.slice(0, -'.schema.json'.length));

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Every subschema with its place. */
function* subschemas(
  schema: Json,
  path = '',
): Generator<readonly [string, { readonly [name: string]: Json }]> {
  if (typeof schema !== 'object' || schema === null) return;
  if (!Array.isArray(schema)) yield [path, schema as { readonly [name: string]: Json }];
  for (const [name, child] of Object.entries(schema)) {
    if (!['examples', 'enum', 'const', 'default'].includes(name)) yield* subschemas(child, `${path}/${name}`);
  }
}

describe('the embedded schemas', () => {
  it('are those of configs/schemas/', () => {
    const said = execFileSync(process.execPath, [join(root, 'scripts', 'schemas', 'embed.mjs'), '--check'], {
      encoding: 'utf8',
    });
    expect(said).toContain(`${authored.length} schemas`);
  });

  it.each(authored)('%s is a JSON Schema of 2020-12 with an id, a title and a description', (name) => {
    const schema = JSON.parse(readFileSync(join(root, 'configs', 'schemas', `${name}.schema.json`), 'utf8'));
    const ajv = new Ajv2020({ strict: false });
    expect(ajv.validateSchema(schema), JSON.stringify(ajv.errors)).toBe(true);
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `https://caio.example/schemas/${name}.schema.json`,
    });
    expect(typeof schema.title).toBe('string');
    expect(typeof schema.description).toBe('string');
  });

  it.each(['common', ...documentKinds] as const)(
    '%s lets no object have fields that nobody reads',
    (name) => {
      const open = [...subschemas(schemaDocument(name) as Json)].filter(
        ([path, schema]) =>
          schema.properties !== undefined &&
          schema.additionalProperties !== false &&
          !/\/(if|then)$/.test(path) &&
          !path.includes('/then/'),
      );
      expect(open.map(([path]) => path)).toEqual([]);
    },
  );

  it.each(['common', ...documentKinds] as const)('%s says of every number how fine it is', (name) => {
    const numbers = [...subschemas(schemaDocument(name) as Json)].filter(([, schema]) =>
      [schema.type].flat().some((type) => type === 'number' || type === 'integer'),
    );
    expect(numbers.filter(([, schema]) => typeof schema['x-places'] !== 'number')).toEqual([]);
  });
});

describe('the guarantee vocabulary', () => {
  const { $defs } = schemaDocument('common') as {
    $defs: Record<string, { properties: Record<string, { $ref: string }> }>;
  };
  const definitionOf = (ref: string) =>
    $defs[ref.slice('#/$defs/'.length)] as unknown as Record<string, unknown>;

  it.each(['bounds', 'guarantees'])('of %s is the table of the calculus', (name) => {
    const table = Object.values(guaranteeProperties).map(({ wire, operator, places, most }) => {
      const flag = places === 0;
      return [wire, operator, flag ? 1 : most / 10 ** places, places];
    });
    const schema = Object.entries($defs[name]?.properties ?? {}).map(([wire, property]) => {
      const bound = definitionOf(property.$ref) as {
        'x-operator': string;
        properties: Record<string, { $ref: string }>;
      };
      const value = definitionOf(bound.properties[bound['x-operator']]?.$ref ?? '');
      return [wire, bound['x-operator'], value.maximum, value['x-places']];
    });
    expect(schema).toEqual(table);
    expect(schema).toHaveLength(15);
  });
});

describe('examples', () => {
  const examples = documentKinds.flatMap((kind) =>
    (schemaDocument(kind).examples as Json[]).map(
      (example, index) => [kind, index, JSON.stringify(example)] as const,
    ),
  );

  it.each(examples)('%s %i parses, from JSON and from YAML, to the same', (kind, _, text) => {
    const fromJson = parseText(kind, text, 'json');
    expect(fromJson).toMatchObject({ ok: true });
    expect(parseText(kind, text, 'yaml')).toEqual(fromJson);
  });

  it('exist for every document', () => {
    expect(new Set(examples.map(([kind]) => kind))).toEqual(new Set(documentKinds));
    expect(authored).toEqual(expect.arrayContaining([...documentKinds]));
  });
});
