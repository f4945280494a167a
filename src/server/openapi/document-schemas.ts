import { type SchemaName, schemaDocument } from '../../contracts/schema.js';

/** Component name → the authored schema that it is. */
const documents = {
  Contract: 'contract',
  Request: 'request',
  Policy: 'policy',
  Parameters: 'parameters',
  Subject: 'subject',
  Openings: 'openings',
} as const satisfies Readonly<Record<string, SchemaName>>;

/** The document schemas as components: what they share is `Common`, and references point there. */
export function documentSchemas(): Readonly<Record<string, unknown>> {
  const schemas = Object.entries(documents).map(([name, schema]) => [
    name,
    component(schemaDocument(schema)),
  ]);
  return { Common: component(schemaDocument('common')), ...Object.fromEntries(schemas) };
}

/** An embedded schema has no identity of its own: its references are relative to the OpenAPI document. */
function component({ $schema: _, $id: __, ...schema }: Readonly<Record<string, unknown>>): unknown {
  return rebase(schema);
}

function rebase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rebase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === '$ref' && typeof inner === 'string' ? rebased(inner) : rebase(inner),
    ]),
  );
}

function rebased(reference: string): string {
  return reference.replace(/^(common\.schema\.json)?#\/\$defs\//, '#/components/schemas/Common/$defs/');
}
