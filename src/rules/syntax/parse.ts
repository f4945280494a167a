/**
 * Source text to the cel-spec syntax tree, by `@bufbuild/cel`, after the lexical pass. What `@marcbachmann/cel-js` (the
 * verifier's parser) cannot read is refused too: the engine never accepts a rule that the verifier cannot.
 */

import { parse } from '@bufbuild/cel';
import { Environment as SecondParser } from '@marcbachmann/cel-js';
import { err, ok, type Result } from '../../kernel/result.js';
import { problemAt, type RuleProblem } from './problem.js';
import { maxNesting, scanSource } from './scan.js';

/** An `Expr` of cel-spec, macros expanded. */
export type CelNode = ReturnType<typeof parse>['expr'];

export interface Syntax {
  readonly root: CelNode;
  /** Place of a node in the source, UTF-16 units. */
  readonly offsetOf: (node: CelNode) => number;
  /** The macro a comprehension was written as (`all`, `filter`, …). */
  readonly macroOf: (node: CelNode) => string | undefined;
  /** What the second parser objects to, if anything: then the expression is refused whatever lowering says. */
  readonly objection: RuleProblem | undefined;
}

const secondParser = new SecondParser({ unlistedVariablesAreDyn: true });
const hint = 'see the policy fragment of CEL in the guide to policies';

/** Parses `source` (at most `maxSourceLength` UTF-16 units). */
export function parseSyntax(source: string): Result<Syntax, readonly RuleProblem[]> {
  const scan = scanSource(source);
  if (scan.problems.length > 0) return err(scan.problems);
  const second = secondOpinion(source, scan.text);
  try {
    const parsed = parse(scan.text);
    const positions = parsed.sourceInfo?.positions ?? {};
    const macroCalls = parsed.sourceInfo?.macroCalls ?? {};
    return ok({
      root: parsed.expr,
      offsetOf: (node) => positions[node.id.toString()] ?? 0,
      macroOf: (node) => {
        const call = macroCalls[node.id.toString()]?.exprKind;
        return call?.case === 'callExpr' ? call.value.function : undefined;
      },
      objection: second,
    });
  } catch (error) {
    return err([second ?? firstOpinion(source, error)]);
  }
}

/** Its positions are the exact ones. */
function secondOpinion(source: string, text: string): RuleProblem | undefined {
  try {
    secondParser.parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return tooDeep(source);
    const { range, summary } = error as { range?: { start: number }; summary?: string };
    return problemAt(source, range?.start ?? 0, 'syntax', summary ?? 'the expression cannot be parsed', hint);
  }
}

function firstOpinion(source: string, error: unknown): RuleProblem {
  if (error instanceof RangeError) return tooDeep(source);
  const { location, rawMessage } = error as {
    location?: { start: { offset: number } };
    rawMessage?: string;
  };
  const message = rawMessage ?? 'the expression cannot be parsed';
  return problemAt(source, location?.start.offset ?? 0, 'syntax', message, hint);
}

function tooDeep(source: string): RuleProblem {
  const message = `the expression is nested more than ${maxNesting} deep`;
  return problemAt(source, 0, 'too_deep', message, 'split the rule into several');
}
