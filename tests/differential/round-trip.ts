import { readDocument } from '../../src/contracts/document.js';
import { formatContract } from '../../src/contracts/format-contract.js';
import { formatParameters } from '../../src/contracts/format-parameters.js';
import { formatPolicy } from '../../src/contracts/format-policy.js';
import { formatRequest } from '../../src/contracts/format-request.js';
import { formatAvailability, formatCaller, formatHistory } from '../../src/contracts/format-state.js';
import { parseAvailability } from '../../src/contracts/parse-availability.js';
import { parseCaller } from '../../src/contracts/parse-caller.js';
import { parseContract } from '../../src/contracts/parse-contract.js';
import { parseHistory } from '../../src/contracts/parse-history.js';
import { parseParameters } from '../../src/contracts/parse-parameters.js';
import { parsePolicy } from '../../src/contracts/parse-policy.js';
import { parseRequest } from '../../src/contracts/parse-request.js';
import { canonicalText } from '../../src/kernel/canonical.js';
import type { SourceDocument } from '../../src/kernel/json.js';
import type { Problem } from '../../src/kernel/problem.js';
import type { Result } from '../../src/kernel/result.js';
import type { World } from '../generators/decision.js';

/** Parses what is written of each document of a world; those that come back otherwise. The wider vocabulary is no document's. */
export function documentsThatDoNotRoundTrip(world: World): {
  readonly checked: number;
  readonly failures: readonly string[];
} {
  const failures: string[] = [];
  let checked = 0;
  const check = <T>(value: T, format: (value: T) => string, parse: Parser<T>) => {
    checked += 1;
    const failure = failureOf(value, format(value), parse);
    if (failure !== undefined) failures.push(failure);
  };
  const { state, questions } = world;
  if (hasWiderLabels(world)) return { checked, failures };
  for (const contract of state.contracts) check(contract, formatContract, parseContract);
  for (const policy of state.policies) check(policy, formatPolicy, parsePolicy);
  check(state.parameters, formatParameters, parseParameters);
  check(state.history, formatHistory, parseHistory);
  check(state.availability, formatAvailability, parseAvailability);
  for (const { request, caller } of questions) {
    check({ request }, formatRequest, parseRequest);
    check({ caller }, formatCaller, parseCaller);
  }
  return { checked, failures };
}

type Parser<T> = (document: SourceDocument) => Result<T, readonly Problem[]>;

function failureOf<T>(value: T, text: string, parse: Parser<T>): string | undefined {
  const read = readDocument(text, 'json');
  if (!read.ok) return JSON.stringify(read.error);
  const parsed = parse(read.value);
  if (!parsed.ok) return JSON.stringify(parsed.error);
  if (canonicalText(parsed.value) === canonicalText(value)) return undefined;
  return `${JSON.stringify(value)} came back as ${JSON.stringify(parsed.value)}`;
}

/** Labels above ASCII, which the calculus orders and the parsers refuse. */
function hasWiderLabels({ state, questions }: World): boolean {
  const labels = [
    ...questions.flatMap(({ request, caller }) => [
      caller.permissions,
      request.data.jurisdictions,
      request.requirements.constraints.forbidden_actions,
    ]),
    ...state.contracts.flatMap(({ actions, privacy, security }) => [
      actions,
      privacy.regions,
      privacy.jurisdictions,
      Object.values(security.permissions).flat(),
    ]),
    Object.values(state.parameters.actions).flat(),
  ];
  return labels.flat().some((label) => !/^[\x20-\x7e]*$/.test(label));
}
