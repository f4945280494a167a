import type { CompiledRule } from '../rules/policy.js';
import { readsOf, rootOf } from '../rules/reads.js';

/** A path as the names that lead to a value; what a quantifier looks at in a list is in the list's own value. */
type Path = readonly string[];

/** What the `require` of a rule reads beside the service; `undefined` when that changes with every decision (`now`). */
export function readsBesideService(rule: CompiledRule): readonly Path[] | undefined {
  const reads = readsOf(rule.requireAst).filter((path) => rootOf(path) !== 'service');
  if (reads.some((path) => rootOf(path) === 'now')) return undefined;
  return reads.map((path) => (path.split('[', 1)[0] ?? path).split('.'));
}

/**
 * The values at `paths` as one text: equal texts, equal values. Where a value is absent the text says at which name the path breaks off, for a rule can
 * tell that. `known` keeps the texts of single paths within one decision.
 */
export function valuesKey(
  paths: readonly Path[],
  bindings: { readonly [variable: string]: unknown },
  known: Map<Path, string>,
): string {
  let key = '';
  for (const path of paths) {
    let text = known.get(path);
    if (text === undefined) {
      text = valueText(path, bindings);
      known.set(path, text);
    }
    key += `${text}\n`;
  }
  return key;
}

function valueText(path: Path, bindings: { readonly [variable: string]: unknown }): string {
  let value: unknown = bindings;
  for (let depth = 0; depth < path.length; depth += 1) {
    // Paths were type-checked against the documents, so what has a further name is an object.
    value = (value as Readonly<Record<string, unknown>>)[path[depth] as string];
    if (value === undefined) return `absent ${depth}`;
  }
  return JSON.stringify(value);
}
