import type { Expression, Quantifier } from './ast.js';
import { functionHint } from './hints.js';
import { lowerListOperand } from './lower-call.js';
import type { Lowering } from './lowering.js';
import type { CelNode } from './parse.js';
import { isPrototypeName } from './types.js';

interface Comprehension {
  readonly iterVar: string;
  readonly iterRange?: CelNode | undefined;
  readonly loopStep?: CelNode | undefined;
}

/** The expansions of `all`, `exists` and `exists_one`; any other comprehension is outside the fragment. */
export function lowerQuantifier(
  lowering: Lowering,
  node: CelNode,
  comprehension: Comprehension,
): Expression | undefined {
  const macro = lowering.syntax.macroOf(node) ?? 'this';
  const bodyNode = isQuantifierName(macro) ? bodyOf(macro, comprehension) : undefined;
  if (!isQuantifierName(macro) || bodyNode === undefined || comprehension.iterRange === undefined) {
    return lowering.reportOutside(node, `${macro}(…)`, functionHint(macro));
  }
  if (lowering.element !== undefined) {
    return lowering.reportOutside(
      node,
      `${macro} inside another quantifier`,
      'use in for the inner list, or split the rule into several',
    );
  }
  const variable = comprehension.iterVar;
  lowering.element = outside;
  const list = lowerListOperand(lowering, comprehension.iterRange, `what ${macro} looks through`);
  lowering.element = undefined;
  if (!isFreeName(lowering, variable)) {
    return lowering.report(
      node,
      'reserved_name',
      `${variable} cannot name an element`,
      'choose another name: x',
    );
  }
  lowering.element = { name: variable, type: list?.type.of };
  const body = lowering.lowerBool(bodyNode, `the condition of ${macro}`);
  lowering.element = undefined;
  if (list === undefined || body === undefined) return undefined;
  return { kind: macro, list, variable, body, type: { kind: 'bool' }, offset: lowering.offsetOf(node) };
}

/** While the list itself is lowered: no element yet, but a quantifier there would be nested all the same. */
const outside = { name: '', type: undefined };

function isQuantifierName(name: string): name is Quantifier['kind'] {
  return name === 'all' || name === 'exists' || name === 'exists_one';
}

/** `all`: accu && body. `exists`: accu || body. `exists_one`: body ? accu + 1 : accu. */
function bodyOf(macro: Quantifier['kind'], { loopStep }: Comprehension): CelNode | undefined {
  if (loopStep?.exprKind.case !== 'callExpr') return undefined;
  return loopStep.exprKind.value.args[macro === 'exists_one' ? 0 : 1];
}

/** Not a variable already (no shadowing), not a word that a CEL implementation gives a meaning. */
function isFreeName(lowering: Lowering, name: string): boolean {
  if (Object.hasOwn(lowering.environment, name)) return false;
  if (lowering.options.unavailable !== undefined && Object.hasOwn(lowering.options.unavailable, name))
    return false;
  return /^[a-z][a-z0-9_]*$/i.test(name) && !isPrototypeName(name) && !reserved.has(name);
}

const reserved: ReadonlySet<string> = new Set([
  ...['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'null_type', 'type', 'dyn'],
  ...['timestamp', 'duration', 'optional', 'google', 'cel', 'has', 'size', 'all', 'exists', 'exists_one'],
]);
