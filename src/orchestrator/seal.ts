import type { Caller, CallerDocument } from '../contracts/caller.js';
import type { ContextField } from '../contracts/policy.js';
import type { ContextValue, Request, RequestDocument } from '../contracts/request.js';
import { canonicalBytes } from '../kernel/canonical.js';
import { digestFromBytes, hmacSha256 } from '../kernel/digest.js';
import { compareCodePoints } from '../kernel/merkle.js';
import { appendPointer } from '../kernel/pointer.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { sizeProblems } from './question.js';
import { contextFields, type Snapshot } from './snapshot.js';

/** One secret salt a sealed value, by the names of `namesToSeal`: 32 random bytes, drawn before the decision. */
export interface Salts {
  readonly [name: string]: Uint8Array;
}

export interface Sealed {
  /** The clear part: what is digested, certified and read by rules. */
  readonly request: Request;
  readonly caller: Caller;
  readonly commitments: { readonly [name: string]: string };
}

const saltBytes = 32;

/**
 * Splits a request into its clear part and commitments to the rest (calculus 1.7): subjects, payload, and every context field that no loaded policy
 * declares or that one declares sealed. Without salts no commitment is made. Problems: a clear field of another type than declared, a salt that is
 * missing or not 32 bytes, a clear request or caller that is too large.
 */
export function sealRequest(
  document: RequestDocument,
  caller: CallerDocument,
  snapshot: Snapshot,
  salts: Salts | undefined,
): Result<Sealed, readonly Problem[]> {
  const declared = contextFields(snapshot);
  const clear: { [field: string]: ContextValue } = {};
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(document.request.context)) {
    const field = declared.get(name);
    if (field === undefined || field.sealed) continue;
    if (hasType(value, field.type)) clear[name] = value;
    else problems.push(wrongType(name, field.type));
  }
  const request = { ...document.request, context: clear };
  problems.push(...sizeProblems(request, caller.caller));
  const commitments = commitmentsTo(sealedValues(document, caller, declared), salts);
  if (!commitments.ok) problems.push(...commitments.error);
  if (problems.length > 0 || !commitments.ok) return err(problems);
  return ok({ request, caller: caller.caller, commitments: commitments.value });
}

/** The names of what will be sealed, sorted: for each of them `sealRequest` needs a salt. */
export function namesToSeal(
  document: RequestDocument,
  caller: CallerDocument,
  snapshot: Snapshot,
): readonly string[] {
  return [...sealedValues(document, caller, contextFields(snapshot)).keys()].sort(compareCodePoints);
}

function sealedValues(
  { request, subject, payload }: RequestDocument,
  caller: CallerDocument,
  declared: ReadonlyMap<string, ContextField>,
): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  if (payload !== undefined) values.set('payload', payload);
  if (subject !== undefined) values.set('request.subject', subject);
  if (caller.subject !== undefined) values.set('caller.subject', caller.subject);
  for (const [name, value] of Object.entries(request.context)) {
    if (declared.get(name)?.sealed !== false) values.set(`context.${name}`, value);
  }
  return values;
}

function commitmentsTo(
  values: ReadonlyMap<string, unknown>,
  salts: Salts | undefined,
): Result<Sealed['commitments'], readonly Problem[]> {
  if (salts === undefined) return ok({});
  const commitments: { [name: string]: string } = {};
  const problems: Problem[] = [];
  for (const [name, value] of values) {
    const salt = Object.hasOwn(salts, name) ? salts[name] : undefined;
    if (salt?.length === saltBytes) {
      commitments[name] = digestFromBytes(hmacSha256(salt, canonicalBytes(value)));
    } else problems.push(badSalt(name, salt));
  }
  return problems.length > 0 ? err(problems) : ok(commitments);
}

function hasType(value: ContextValue, type: ContextField['type']): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'int':
      return Number.isSafeInteger(value);
    case 'bool':
      return typeof value === 'boolean';
    case 'string_list':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
  }
}

const expected: Readonly<Record<ContextField['type'], string>> = {
  string: 'a string',
  int: 'an integer of magnitude at most 2^53 - 1',
  bool: 'true or false',
  string_list: 'a list of strings',
};

function wrongType(name: string, type: ContextField['type']): Problem {
  return {
    code: 'wrong_type',
    path: appendPointer('/request/context', name),
    message: `a loaded policy declares ${name} as ${type}`,
    hint: `expected ${expected[type]}`,
  };
}

function badSalt(name: string, salt: Uint8Array | undefined): Problem {
  const message =
    salt === undefined
      ? `there is no salt for the sealed value ${name}`
      : `the salt for ${name} has ${salt.length} bytes, not ${saltBytes}`;
  return { code: 'salt_invalid', path: appendPointer('/salts', name), message };
}
