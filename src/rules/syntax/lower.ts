/**
 * Lowering: the cel-spec syntax tree to the typed tree of the policy fragment (`ast.ts`), type-checked against the
 * declared variables. Whatever is outside the fragment is a problem with its place and what to write instead; siblings are
 * all visited, so one pass reports as many problems as it can.
 */

import { Defect } from '../../kernel/errors.js';
import { err, ok, type Result } from '../../kernel/result.js';
import type { BoolExpression, Expression } from './ast.js';
import { lowerCall } from './lower-call.js';
import { lowerConstant, lowerList, lowerName, lowerSelect } from './lower-operand.js';
import { lowerQuantifier } from './lower-quantifier.js';
import { isBool, Lowering, type LowerOptions } from './lowering.js';
import { measure } from './measure.js';
import { type CelNode, parseSyntax } from './parse.js';
import { problemAt, type RuleProblem } from './problem.js';
import { maxProblems } from './scan.js';
import { type Environment, typeName } from './types.js';

const maxNodes = 256;
export const maxDepth = 32;

/** Parses, lowers and checks `source`, which must have type bool: a condition of a rule. */
export function parseCondition(
  source: string,
  environment: Environment,
  options: LowerOptions = {},
): Result<BoolExpression, readonly RuleProblem[]> {
  const parsed = parseExpression(source, environment, options);
  if (!parsed.ok || isBool(parsed.value)) return parsed as Result<BoolExpression, readonly RuleProblem[]>;
  const message = `a condition must be bool; this is ${typeName(parsed.value.type)}`;
  const hint = 'compare it with something: x == 1, x in […], size(x) > 0';
  return err([problemAt(source, parsed.value.offset, 'wrong_type', message, hint)]);
}

/** Parses, lowers and checks `source` of any type. Linear in the source but for the parsers. */
export function parseExpression(
  source: string,
  environment: Environment,
  options: LowerOptions = {},
): Result<Expression, readonly RuleProblem[]> {
  const syntax = parseSyntax(source);
  if (!syntax.ok) return syntax;
  const lowering = new Lowering(source, syntax.value, environment, options, lowerNode);
  const expression = lowering.lower(syntax.value.root);
  if (lowering.problems.length > 0) return err(lowering.problems.slice(0, maxProblems));
  if (syntax.value.objection !== undefined) return err([syntax.value.objection]);
  if (expression === undefined) throw new Defect('internal', 'an expression was dropped without a problem');
  const { nodes, depth } = measure(expression);
  if (nodes > maxNodes) {
    const message = `the expression has ${nodes} nodes; the limit is ${maxNodes}`;
    return err([problemAt(source, 0, 'too_many_nodes', message, 'split the rule into several')]);
  }
  if (depth > maxDepth) {
    const message = `the expression is ${depth} deep; the limit is ${maxDepth}`;
    return err([problemAt(source, expression.offset, 'too_deep', message, 'split the rule into several')]);
  }
  return ok(expression);
}

function lowerNode(lowering: Lowering, node: CelNode): Expression | undefined {
  const { exprKind } = node;
  switch (exprKind.case) {
    case 'constExpr':
      return lowerConstant(lowering, node, exprKind.value.constantKind);
    case 'identExpr':
      return lowerName(lowering, node, exprKind.value.name);
    case 'selectExpr':
      return lowerSelect(lowering, node, exprKind.value);
    case 'listExpr':
      return lowerList(lowering, node, exprKind.value.elements);
    case 'callExpr':
      return lowerCall(lowering, node, exprKind.value);
    case 'comprehensionExpr':
      return lowerQuantifier(lowering, node, exprKind.value);
    case 'structExpr':
      return lowering.reportOutside(node, 'a map or message literal', 'name the fields one by one');
    case undefined:
      return lowering.reportOutside(node, 'this', 'see the policy fragment of CEL in the guide to policies');
  }
}
