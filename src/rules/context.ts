import type { ContextField, Policy } from '../contracts/policy.js';
import { appendPointer } from '../kernel/pointer.js';
import { err, ok, type Result } from '../kernel/result.js';
import type { RuleProblem } from './syntax/problem.js';
import {
  boolType,
  type CelType,
  type Field,
  intType,
  isPrototypeName,
  type StructType,
  stringType,
} from './syntax/types.js';

const keywords: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null']);

/**
 * The type of `context` under a set of policies: the union of what they declare, every field optional. Two policies that
 * declare one name differently are a problem of the later of the two. Paths begin with `/policies/<id>`, as where a set of policies loads.
 */
export function contextTypes(policies: readonly Policy[]): Result<StructType, readonly RuleProblem[]> {
  const problems: RuleProblem[] = [];
  const declared = new Map<string, { readonly by: string; readonly field: ContextField }>();
  for (const policy of policies) {
    for (const [name, field] of Object.entries(policy.context)) {
      const path = appendPointer(`/policies/${policy.id}/context`, name);
      const earlier = declared.get(name);
      if (!isContextName(name)) problems.push(badName(path, name));
      else if (earlier === undefined) declared.set(name, { by: policy.id, field });
      else if (earlier.field.type !== field.type || earlier.field.sealed !== field.sealed) {
        problems.push({
          code: 'context_conflict',
          path,
          message: `${policy.id} declares ${name} as ${shown(field)}, ${earlier.by} as ${shown(earlier.field)}`,
          hint: 'declare it alike in both, or choose another name',
        });
      }
    }
  }
  if (problems.length > 0) return err(problems);
  const fields = [...declared].map(([name, { field }]): [string, Field] => [name, fieldOfContext(field)]);
  return ok({ kind: 'struct', fields: Object.fromEntries(fields) });
}

/** Whether a rule could select it: a CEL identifier, no keyword, nothing that every JavaScript object has. */
function isContextName(name: string): boolean {
  return /^[a-z][a-z0-9_]{0,63}$/.test(name) && !keywords.has(name) && !isPrototypeName(name);
}

function badName(path: string, name: string): RuleProblem {
  const hint = 'use a small letter, then small letters, digits and underscores';
  return { code: 'reserved_name', path, message: `${name} cannot name a context field`, hint };
}

function fieldOfContext({ type, sealed }: ContextField): Field {
  return { type: celTypeOf(type), optional: true, sealed };
}

function celTypeOf(type: ContextField['type']): CelType {
  switch (type) {
    case 'string':
      return stringType;
    case 'int':
      return intType;
    case 'bool':
      return boolType;
    case 'string_list':
      return { kind: 'list', of: stringType };
  }
}

function shown({ type, sealed }: ContextField): string {
  return sealed ? `${type}, sealed` : type;
}
