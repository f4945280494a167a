import { Ajv2020, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { SourceDocument } from '../kernel/json.js';
import type { Problem } from '../kernel/problem.js';
import { schemaTexts } from './generated/schemas.js';
import { checkKeyword, placesKeyword } from './schema-keywords.js';
import { problemsOf } from './schema-problem.js';
import { isDate, parseTimestamp } from './timestamp.js';

/** The schemas of configs/schemas/, which alone say what a document may look like. */
export type SchemaName = Exclude<keyof typeof schemaTexts, 'common'>;

/** The JSON Schema (2020-12) of a document, as authored; `common` holds what the others refer to. */
export function schemaDocument(name: SchemaName | 'common'): Readonly<Record<string, unknown>> {
  return JSON.parse(schemaTexts[name]) as Record<string, unknown>;
}

/**
 * Everything that is wrong with a document against its schema, as many as `maxProblems` found, in the order of the text; empty when
 * nothing is. The first document of a kind compiles its schema (about 20 ms), further ones take microseconds.
 */
export function checkShape(name: SchemaName, document: SourceDocument): readonly Problem[] {
  const validate = validatorOf(name);
  // The keywords of ours read the source text of numbers from `this`.
  if (validate.call(document as never, document.value)) return [];
  return problemsOf(document, (validate.errors ?? []) as readonly ErrorObject[]);
}

const validators = new Map<SchemaName, ValidateFunction>();
let ajv: Ajv2020 | undefined;

function validatorOf(name: SchemaName): ValidateFunction {
  const known = validators.get(name);
  if (known !== undefined) return known;
  ajv ??= newAjv();
  const validate = ajv.compile(schemaDocument(name) as AnySchemaObject);
  validators.set(name, validate);
  return validate;
}

function newAjv(): Ajv2020 {
  const created = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    validateSchema: false,
    passContext: true,
    keywords: [placesKeyword, checkKeyword],
    formats: { date: isDate, 'date-time': (text: string) => parseTimestamp(text) !== undefined },
  });
  created.addVocabulary(['x-hint', 'x-code', 'x-operator']);
  created.addSchema(schemaDocument('common') as AnySchemaObject);
  return created;
}
