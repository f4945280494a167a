import { canonicalSize, sizeLimits } from '../../src/contracts/canonical-size.js';
import type { Contract } from '../../src/contracts/contract.js';
import type { Request } from '../../src/contracts/request.js';
import type { State } from '../../src/contracts/state.js';
import type { DecisionInputs } from '../../src/orchestrator/question.js';
import { drawCaller } from './drawn-caller.js';
import { type Demand, drawContract } from './drawn-contract.js';
import { drawNear, drawNumber } from './drawn-numbers.js';
import { drawParameters } from './drawn-parameters.js';
import { drawPolicies } from './drawn-policies.js';
import { drawRequest } from './drawn-request.js';
import type { contextDeclarations, Pool } from './pool.js';
import { Random } from './random.js';
import { drawState } from './state.js';
import { longVocabulary, plainVocabulary, type Vocabulary, widerVocabulary } from './vocabulary.js';

/** A state, what is asked of it in turn, and sometimes the state that it came from by a change. */
export interface World {
  readonly before?: State;
  readonly state: State;
  readonly questions: readonly DecisionInputs[];
}

/** World number `index` of a seed: the same wherever it is drawn, with the same pool. */
export function drawWorld(seed: number, index: number, pool: Pool): World {
  const random = new Random(seed, index);
  const large = random.chance(0.015);
  const words = large ? longVocabulary : random.chance(0.06) ? widerVocabulary : plainVocabulary;
  const parameters = drawParameters(random, words);
  const { caller, time } = drawCaller(random, words, parameters);
  const policies = drawPolicies(random, pool);
  const request = drawRequest(random, words, parameters, declaredBy(policies));
  const harshness = large ? random.pick([0.01, 0.08, 0.4]) : random.pick([0, 0.01, 0.03, 0.03, 0.08, 0.25]);
  const demand: Demand = { request, caller, parameters, harshness };
  const state = drawState(random, words, policies, demand, drawSize(random, large), pool);
  const first = drawQuestion(random, { request, caller, time }, state, large);
  const questions = [first];
  for (let more = random.pick([0, 1, 2, 3]); more > 0; more -= 1) {
    questions.push(drawVariation(random, words, state, first, pool));
  }
  return {
    ...(random.chance(0.2) && { before: drawEarlier(random, words, state, demand) }),
    state,
    questions,
  };
}

function drawSize(random: Random, large: boolean): number {
  if (large) return random.pick([40, 60, 90, 90, 120, 300]);
  const most = random.pick([0, 2, 2, 4, 6, 6, 10, 16, 40]);
  return random.integer(Math.min(1, most), most);
}

function declaredBy(policies: State['policies']): typeof contextDeclarations {
  return Object.fromEntries(policies.flatMap(({ context }) => Object.entries(context)));
}

type Asked = Pick<DecisionInputs, 'request' | 'caller' | 'time'>;

function drawQuestion(random: Random, asked: Asked, state: State, large: boolean): DecisionInputs {
  return fitted({
    ...asked,
    request: { ...asked.request, budget: drawBudget(random, asked.request, state) },
    commitments: drawCommitments(random, large),
    seed: random.chance(0.5) ? random.integer(0, 9) : drawNumber(random, 0, 2 ** 53 - 1),
    seedOrigin: random.pick(['caller', 'server']),
  });
}

/** The same question with another request, another caller or another instant. */
function drawVariation(
  random: Random,
  words: Vocabulary,
  state: State,
  first: DecisionInputs,
  pool: Pool,
): DecisionInputs {
  if (random.chance(0.05)) return drawForeign(random, first, pool);
  const { parameters, policies } = state;
  const kept = { request: first.request, caller: first.caller, time: first.time };
  const another = drawRequest(random, words, parameters, declaredBy(policies));
  const fields = random.some(Object.keys(another) as (keyof Request)[], 0.15);
  const request = { ...first.request, ...Object.fromEntries(fields.map((field) => [field, another[field]])) };
  const asked = {
    ...kept,
    request: request as Request,
    ...(random.chance(0.2) && drawCaller(random, words, parameters)),
  };
  return drawQuestion(random, asked, state, false);
}

/** The same question with a request that no contract was drawn for. */
function drawForeign(random: Random, first: DecisionInputs, pool: Pool): DecisionInputs {
  const { context, profile } = first.request;
  return fitted({ ...first, request: { ...random.pick(pool.requests), context, profile } });
}

/** A budget next to what a registered service costs and promises. */
function drawBudget(random: Random, request: Request, state: State): Request['budget'] {
  if (state.contracts.length === 0) return {};
  const cost = costOf(random.pick(state.contracts), request, state);
  const { latency_p95_micros: p95 } = random.pick(state.contracts).guarantees;
  const latency = (p95?.max ?? 1_000_000) * random.pick([1, 1, 2, 4]);
  return {
    ...(random.chance(0.45) && {
      max_cost_micro_usd: drawNear(random, cost * random.pick([1, 1, 2, 3]), 0, 2 ** 53 - 1),
    }),
    ...(random.chance(0.4) && { max_latency_micros: drawNear(random, latency, 0, 1e12) }),
  };
}

/** Roughly: it need not be right, only close. */
function costOf({ cost }: Contract, { estimate }: Request, { parameters }: State): number {
  const input = estimate.input_tokens ?? estimate.max_input_tokens ?? parameters.tokens.input;
  const output = estimate.output_tokens ?? estimate.max_output_tokens ?? parameters.tokens.output;
  const inputPrice = cost?.per_million_input_tokens_micro_usd ?? 0;
  const cachedPrice = cost?.per_million_cached_tokens_micro_usd ?? inputPrice;
  const exact =
    BigInt(input) * BigInt(inputPrice) +
    BigInt(output) * BigInt(cost?.per_million_output_tokens_micro_usd ?? 0) +
    BigInt(estimate.cached_tokens ?? 0) * BigInt(cachedPrice);
  return (cost?.per_request_micro_usd ?? 0) + Number((exact + 999_999n) / 1_000_000n);
}

function drawCommitments(random: Random, large: boolean): DecisionInputs['commitments'] {
  const fields = Array.from({ length: large ? random.pick([0, 20, 64, 64]) : 0 }, (_, i) =>
    `context.field_${i}`.padEnd(56, 'x'),
  );
  const names = [
    ...random.some(['payload', 'request.subject', 'caller.subject', 'context.patient'], 0.3),
    ...fields,
  ];
  return Object.fromEntries(names.map((name) => [name, random.hex(64)]));
}

/** Without what makes the request larger than it may be. */
function fitted(question: DecisionInputs): DecisionInputs {
  if (canonicalSize(question.request) <= sizeLimits.request) return trimmedCaller(question);
  const { requirements, data } = question.request;
  const constraints = {
    ...requirements.constraints,
    certifications: requirements.constraints.certifications.slice(0, 8),
  };
  const request: Request = {
    ...question.request,
    requirements: { ...requirements, capabilities: requirements.capabilities.slice(0, 1), constraints },
    data: { ...data, jurisdictions: data.jurisdictions.slice(0, 8) },
    context: {},
  };
  return trimmedCaller({ ...question, request });
}

function trimmedCaller(question: DecisionInputs): DecisionInputs {
  const { caller } = question;
  if (canonicalSize(caller) <= sizeLimits.caller) return question;
  return { ...question, caller: { ...caller, permissions: caller.permissions.slice(0, 20) } };
}

/** A state one to three changes away: services added, removed, replaced; another policy, other rows, other parameters. */
function drawEarlier(random: Random, words: Vocabulary, state: State, demand: Demand): State {
  let earlier = state;
  for (let changes = random.integer(1, 3); changes > 0; changes -= 1) {
    earlier = random.pick(earlierStates)(random, words, earlier, demand);
  }
  return earlier;
}

const earlierStates: readonly ((random: Random, words: Vocabulary, state: State, demand: Demand) => State)[] =
  [
    (random, _, state) => ({ ...state, contracts: random.some(state.contracts, 0.7) }),
    (random, words, state, demand) => ({
      ...state,
      contracts: state.contracts.map((contract) =>
        random.chance(0.3)
          ? { ...drawContract(random, words, contract.id, demand), version: '0.9.0' }
          : contract,
      ),
    }),
    (random, words, state, demand) => ({
      ...state,
      contracts: [
        ...state.contracts.filter(({ id }) => id < 'earlier'),
        drawContract(random, words, 'earlier', demand),
        ...state.contracts.filter(({ id }) => id > 'earlier'),
      ],
    }),
    (_, __, state) => ({ ...state, policies: state.policies.slice(1) }),
    (_, __, state) => ({ ...state, history: { ...state.history, rows: state.history.rows.slice(1) } }),
    (_, __, state) => ({ ...state, availability: state.availability.slice(1) }),
    (random, words, state) => ({ ...state, parameters: drawParameters(random, words) }),
  ];
