import type { Expression } from './syntax/ast.js';
import { partsOf } from './syntax/measure.js';

/**
 * The paths that an expression reads, sorted, without repeats: `request.data.contains`, `service.capabilities[].type`.
 * A path is there when it is selected, asked for with `has`, or looked through.
 */
export function readsOf(...expressions: readonly Expression[]): readonly string[] {
  const paths = new Set<string>();
  for (const expression of expressions) collect(expression, undefined, paths);
  return [...paths].sort();
}

/** The variable at the head of a path. */
export function rootOf(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}

/** `element`: the path of the element being looked at; undefined for the elements of a list literal. */
function collect(node: Expression, element: string | undefined, paths: Set<string>): void {
  const path = pathOf(node, element);
  if (path !== undefined) {
    paths.add(path);
    return;
  }
  if (node.kind === 'all' || node.kind === 'exists' || node.kind === 'exists_one') {
    collect(node.list, element, paths);
    const list = pathOf(node.list, element);
    collect(node.body, list && `${list}[]`, paths);
    return;
  }
  for (const part of partsOf(node)) collect(part, element, paths);
}

function pathOf(node: Expression, element: string | undefined): string | undefined {
  switch (node.kind) {
    case 'variable':
      return node.name;
    case 'element':
      return element;
    case 'select':
    case 'has': {
      const parent = pathOf(node.operand, element);
      return parent && `${parent}.${node.field}`;
    }
    default:
      return undefined;
  }
}
