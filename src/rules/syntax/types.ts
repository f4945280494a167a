/**
 * The types of the policy fragment of CEL: what a rule's variables, fields and expressions can be.
 *
 * Types compare by shape. A string type may carry the closed set of values that the document type admits
 * (`values`); it is a narrower string, not another type: it catches misspelt literals at load and gives the
 * prover its finite classes.
 */

export interface IntType {
  readonly kind: 'int';
}

export interface BoolType {
  readonly kind: 'bool';
}

export interface StringType {
  readonly kind: 'string';
  /** The only values this string can have; absent: any string. */
  readonly values?: readonly string[];
}

export interface ListType {
  readonly kind: 'list';
  readonly of: ScalarType | StructType;
}

export interface Field {
  readonly type: CelType;
  /** May be missing from the document; selecting it then is an evaluation error. */
  readonly optional: boolean;
  /** Declared, but not readable by rules: a rule that reads it is refused at load. */
  readonly sealed?: boolean;
  /** Not readable for another reason: what to read instead. */
  readonly instead?: string;
}

export interface StructType {
  readonly kind: 'struct';
  readonly fields: { readonly [name: string]: Field };
}

export type ScalarType = IntType | BoolType | StringType;
export type CelType = ScalarType | ListType | StructType;

/** Declared variables by name. Every declared variable is present in every binding. */
export interface Environment {
  readonly [variable: string]: CelType;
}

export const intType: IntType = { kind: 'int' };
export const boolType: BoolType = { kind: 'bool' };
export const stringType: StringType = { kind: 'string' };

export function isScalar(type: CelType): type is ScalarType {
  return type.kind === 'int' || type.kind === 'bool' || type.kind === 'string';
}

/** The type as it is named in messages. */
export function typeName(type: CelType): string {
  switch (type.kind) {
    case 'int':
    case 'bool':
    case 'string':
      return type.kind;
    case 'list':
      return `list of ${typeName(type.of)}`;
    case 'struct':
      return 'object';
  }
}

/**
 * The declaration of `name`, or undefined. Names of Object.prototype are never declared, so that a compiled
 * selection, which is a plain property read, cannot reach the prototype.
 */
export function fieldOf(struct: StructType, name: string): Field | undefined {
  return declaresName(struct.fields, name) ? struct.fields[name] : undefined;
}

/** Whether rules may read the field. */
export function isReadable(field: Field): boolean {
  return field.sealed !== true && field.instead === undefined;
}

export function variableOf(environment: Environment, name: string): CelType | undefined {
  return declaresName(environment, name) ? environment[name] : undefined;
}

function declaresName(declarations: object, name: string): boolean {
  return Object.hasOwn(declarations, name) && !isPrototypeName(name);
}

/** Whether every JavaScript object has a property of this name (`constructor`, `__proto__`, …). */
export function isPrototypeName(name: string): boolean {
  return name in Object.prototype;
}
