import type { Expression } from './ast.js';

/** The direct parts of a node, in source order. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'bool_literal':
    case 'int_literal':
    case 'string_literal':
    case 'variable':
    case 'element':
      return [];
    case 'list_literal':
      return expression.elements;
    case 'select':
    case 'has':
    case 'not':
    case 'negation':
      return [expression.operand];
    case 'arithmetic':
    case 'comparison':
    case 'equality':
      return [expression.left, expression.right];
    case 'membership':
      return [expression.element, expression.list];
    case 'and':
    case 'or':
      return expression.operands;
    case 'conditional':
      return [expression.condition, expression.then, expression.otherwise];
    case 'size':
      return [expression.list];
    case 'all':
    case 'exists':
    case 'exists_one':
      return [expression.list, expression.body];
    default:
      return unreachable(expression);
  }
}

/** How many nodes a tree has, and on how many levels. O(nodes). */
export function measure(expression: Expression): { readonly nodes: number; readonly depth: number } {
  let nodes = 1;
  let depth = 0;
  for (const part of partsOf(expression)) {
    const inner = measure(part);
    nodes += inner.nodes;
    depth = Math.max(depth, inner.depth);
  }
  return { nodes, depth: depth + 1 };
}

/** For exhaustive switches over the tree. */
export function unreachable(node: never): never {
  throw new TypeError(`no such node: ${JSON.stringify(node)}`);
}
