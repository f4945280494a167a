import { policyDigest } from '../../contracts/digests.js';
import { formatPolicy } from '../../contracts/format-policy.js';
import { parsePolicy } from '../../contracts/parse-policy.js';
import type { Policy } from '../../contracts/policy.js';
import type { SourceDocument } from '../../kernel/json.js';
import type { Problem } from '../../kernel/problem.js';
import { err, ok } from '../../kernel/result.js';
import { entryType } from '../../log/entry.js';
import { versionKey } from '../../log/fold.js';
import type { Clock } from '../clock.js';
import { type Answer, json } from '../http/answer.js';
import { type Failure, failure, invalid } from '../http/failure.js';
import { located, parseBody } from '../http/parse-body.js';
import type { Exchange, Route } from '../http/route.js';
import { authorOf, changeState, type StatePorts } from '../state-change.js';
import { changeParameters, notSigned } from './change-operation.js';
import { page } from './page.js';

export interface PolicyPorts extends StatePorts {
  readonly clock: Clock;
}

const url = '/api/v1/policies';
const tag = 'policies';
const one = {
  200: { description: 'The policy', schema: 'PolicyAnswer' },
  404: { description: 'No such policy' },
};
const put = {
  ...notSigned,
  200: { description: 'Replaced, or in force already with this content', schema: 'PolicyAnswer' },
  201: { description: 'In force', schema: 'PolicyAnswer' },
  409: {
    description:
      'A context field is declared otherwise by another policy, or this version is known with other content',
  },
  422: { description: 'The policy is invalid, or a rule does not load: problems with path, line and column' },
};

/** Policies in and out, while decisions run. Every rule is checked and compiled before a put is accepted. */
export function policyRoutes(ports: PolicyPorts): readonly Route[] {
  const shared = { surface: 'caio', scopes: ['policies'], body: 'none' } as const;
  return [
    {
      ...shared,
      method: 'GET',
      url,
      operation: {
        summary: 'List policies, by id',
        tag,
        parameters: ['after', 'limit'].map((name) => ({ $ref: `#/components/parameters/${name}` })),
        answers: { 200: { description: 'A page of policies, without rules', schema: 'PolicyList' } },
      },
      handle: (exchange) => list(ports, exchange),
    },
    {
      ...shared,
      body: 'document',
      method: 'POST',
      url,
      operation: {
        summary: 'Put a policy in force, or replace it by a new version',
        tag,
        body: 'Policy',
        parameters: changeParameters,
        answers: put,
      },
      handle: (exchange) => putPolicy(ports, exchange, undefined),
    },
    {
      ...shared,
      method: 'GET',
      url: `${url}/:id`,
      operation: { summary: 'A policy with its rules', tag, answers: one },
      handle: ({ path }) => {
        const { state, size } = ports.log.view.folded;
        const policy = state.policies.find((item) => item.id === path.id);
        return policy === undefined ? noPolicy() : policyAnswer(200, policy, size);
      },
    },
    {
      ...shared,
      body: 'document',
      method: 'PUT',
      url: `${url}/:id`,
      operation: {
        summary: 'Put or replace the policy of this id',
        tag,
        body: 'Policy',
        parameters: changeParameters,
        answers: put,
      },
      handle: (exchange) => putPolicy(ports, exchange, exchange.path.id),
    },
    {
      ...shared,
      method: 'DELETE',
      url: `${url}/:id`,
      operation: {
        summary: 'Take a policy out of force',
        tag,
        parameters: changeParameters,
        answers: {
          ...one,
          ...notSigned,
          409: { description: 'Another policy reads a context field that only this one declares' },
        },
      },
      handle: (exchange) => remove(ports, exchange),
    },
  ];
}

function list({ log }: PolicyPorts, { query }: Exchange): Answer {
  const { state } = log.view.folded;
  const chosen = page(state.policies, (policy) => policy.id, query, 1000);
  if (!chosen.ok) return chosen.error;
  const { items, next } = chosen.value;
  const policies = items.map(summary);
  return json(200, { policies, as_of: state.as_of, ...(next === undefined ? {} : { next_after: next }) });
}

async function putPolicy(ports: PolicyPorts, exchange: Exchange, id: string | undefined): Promise<Answer> {
  const body = parseBody(exchange, parsePolicy, 'invalid_policy');
  if (!body.ok) return body.error;
  const { value: policy, document } = body.value;
  if (id !== undefined && policy.id !== id) {
    const problem = {
      code: 'id_differs',
      path: '/id',
      message: 'the id of the policy is not that of the path',
    };
    return invalid('invalid_policy', located([problem], document));
  }
  const digest = policyDigest(policy);
  let replaces = false;
  const changed = await changeState(
    ports,
    exchange,
    ({ folded }) => {
      const current = folded.state.policies.find((item) => item.id === policy.id);
      const known = folded.policyVersions.get(versionKey(policy));
      replaces = current !== undefined;
      if (known !== undefined && known !== digest) return err(versionConflict(policy));
      if (current !== undefined && policyDigest(current) === digest) return ok([]);
      const { identity } = exchange;
      const time = ports.clock.wallMicros();
      return ok([{ type: entryType, kind: 'policy.put', time, author: authorOf(identity), policy }]);
    },
    (problems) => refused(problems, policy.id, document),
  );
  return changed.ok ? policyAnswer(replaces ? 200 : 201, policy, changed.value.to) : changed.error;
}

async function remove(ports: PolicyPorts, exchange: Exchange): Promise<Answer> {
  const policy = exchange.path.id as string;
  const changed = await changeState(
    ports,
    exchange,
    ({ folded }) => {
      if (!folded.state.policies.some((item) => item.id === policy)) return err(noPolicy());
      const time = ports.clock.wallMicros();
      return ok([
        { type: entryType, kind: 'policy.remove', time, author: authorOf(exchange.identity), policy },
      ]);
    },
    (problems) => invalid('conflict', problems),
  );
  if (!changed.ok) return changed.error;
  return json(200, { id: policy, removed: true }, indexHeader(changed.value.to));
}

/** Problems of this policy's own rules are its fault; what it does to others, or others to it, is a conflict. */
function refused(problems: readonly Problem[], id: string, document: SourceDocument): Failure {
  const own = `/policies/${id}`;
  const inside = ({ path }: Problem) => path === own || path.startsWith(`${own}/`);
  const conflict = problems.some((problem) => problem.code === 'context_conflict' || !inside(problem));
  const shown = problems.map((problem) => (inside(problem) ? within(problem, own, document) : problem));
  return invalid(conflict ? 'conflict' : 'invalid_policy', shown);
}

/** The loader counts lines within the expression; who sent the policy counts them within the document. */
function within(problem: Problem, own: string, document: SourceDocument): Problem {
  const path = problem.path.slice(own.length);
  const { line, column } = document.locate(path);
  const { line: inLine, column: inColumn, ...rest } = problem;
  const place = inLine === undefined ? '' : ` (at ${inLine}:${inColumn ?? 1} of the expression)`;
  return { ...rest, message: `${problem.message}${place}`, path, line, column };
}

function summary(policy: Policy) {
  return { id: policy.id, version: policy.version, digest: policyDigest(policy), rules: policy.rules.length };
}

function policyAnswer(status: number, policy: Policy, size: number): Answer {
  const { id, version } = policy;
  const head = JSON.stringify({ id, version, digest: policyDigest(policy) }).slice(0, -1);
  const headers = { 'content-type': 'application/json; charset=utf-8', ...indexHeader(size) };
  return { kind: 'raw', status, body: `${head},"policy":${formatPolicy(policy)}}`, headers };
}

const indexHeader = (size: number) => ({ 'x-caio-log-index': String(size - 1) });

const noPolicy = () => failure('not_found', 'There is no policy of that id.');

const versionConflict = ({ id, version }: Policy) =>
  failure('conflict', `${id} ${version} is known with other content: give the policy a new version.`);
