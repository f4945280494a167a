import type { Certificate } from '../verifier/certificate-document.js';
import type { Contract, State } from '../verifier/documents.js';
import { evaluate } from '../verifier/evaluate.js';
import { type Expression, parseExpression } from '../verifier/expression.js';
import type { Member } from '../verifier/log-memory.js';
import { clearContextFields, type RuleContext, ruleContext, serviceView } from '../verifier/policy-rules.js';

/** A statement about every attempt: an expression of the policy fragment over `request`, `context`, `user`, `service` and `now`. */
export interface Assertion {
  readonly text: string;
  readonly expression: Expression;
}

/** `undefined` for a text that the fragment does not have. */
export function parseAssertion(text: string): Assertion | undefined {
  const expression = parseExpression(text);
  return expression === undefined ? undefined : { text, expression };
}

export type Answer = 'true' | 'false' | 'error';

/** What each assertion says of each member of the certified chain, by rank: what it says of the attempt at that rank. */
export function answersOf(
  assertions: readonly Assertion[],
  certificate: Certificate,
  chain: readonly Member[],
  state: State,
): readonly (readonly Answer[])[] {
  const { request, caller, time } = certificate.inputs;
  const context = ruleContext(request, caller, time, fieldsOf(state));
  return chain.map(({ contract }) => {
    const bindings = bindingsOf(context, contract);
    return assertions.map(({ expression }) => answerOf(evaluate(expression, bindings)));
  });
}

function answerOf(value: unknown): Answer {
  if (value === true) return 'true';
  return value === false ? 'false' : 'error';
}

/** A service whose contract the state does not have makes every expression that reads it an error. */
function bindingsOf(context: RuleContext, contract: Contract | undefined): { [name: string]: unknown } {
  return contract === undefined ? { ...context } : { ...context, service: viewOf(contract) };
}

const views = new WeakMap<Contract, object>();
const fields = new WeakMap<State['policies'], readonly string[]>();

function viewOf(contract: Contract): object {
  const view = views.get(contract) ?? serviceView(contract);
  views.set(contract, view);
  return view;
}

function fieldsOf({ policies }: State): readonly string[] {
  const known = fields.get(policies) ?? clearContextFields(policies);
  fields.set(policies, known);
  return known;
}

const known = new Set(['request', 'context', 'user', 'service', 'now']);

/** Names that an assertion uses and nothing is bound to: it would be an error on every attempt. */
export function unknownNames({ expression }: Assertion): readonly string[] {
  return [...new Set(freeNames(expression, []))].filter((name) => !known.has(name));
}

function freeNames(e: Expression, bound: readonly string[]): readonly string[] {
  switch (e.op) {
    case 'literal':
      return [];
    case 'name':
      return bound.includes(e.name) ? [] : [e.name];
    case 'list':
      return e.elements.flatMap((element) => freeNames(element, bound));
    case 'select':
    case 'has':
    case 'not':
    case 'negate':
    case 'size':
      return freeNames(e.of, bound);
    case 'choose':
      return [e.condition, e.yes, e.no].flatMap((part) => freeNames(part, bound));
    case 'all':
    case 'exists':
    case 'exists_one':
      return [...freeNames(e.over, bound), ...freeNames(e.body, [...bound, e.name])];
    default:
      return [e.left, e.right].flatMap((part) => freeNames(part, bound));
  }
}
