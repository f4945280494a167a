import { parseRequest } from '../../contracts/parse-request.js';
import type { RequestDocument } from '../../contracts/request.js';
import { positionsOf } from '../../kernel/bitset.js';
import { canonicalText } from '../../kernel/canonical.js';
import type { SourceDocument } from '../../kernel/json.js';
import { authenticate, matchContracts } from '../../orchestrator/narrowing-steps.js';
import { openQuestion } from '../../orchestrator/question.js';
import { signCertificate } from '../../proofs/envelope.js';
import { decideAndRecord, decideOn, type Recorded } from '../decisions/decide-and-record.js';
import { executeRecorded } from '../decisions/execute-recorded.js';
import type { DecisionPorts } from '../decisions/ports.js';
import { decisionHeaders } from '../decisions/promise-headers.js';
import { type Answer, json, jsonText, withMember } from '../http/answer.js';
import { type Failure, failure, invalid } from '../http/failure.js';
import { derivedDocument, located, parseBody } from '../http/parse-body.js';
import type { Exchange, Route } from '../http/route.js';
import { executionAnswer } from './execution-answer.js';

const tag = 'decisions';
const mostMatched = 1000;

/** Looking, deciding, and deciding with execution. */
export function decisionRoutes(ports: DecisionPorts): readonly Route[] {
  const shared = { method: 'POST', surface: 'caio' } as const;
  const unacceptable = {
    400: { description: 'The body is not JSON or YAML' },
    422: { description: 'The request is invalid: problems with path, line and column' },
  };
  return [
    {
      ...shared,
      url: '/api/v1/discover',
      scopes: ['decide', 'execute'],
      body: 'payload',
      operation: {
        summary: 'Which services match, and how far the others get',
        description: 'Nothing is recorded, signed or called.',
        tag,
        body: 'Request',
        answers: {
          200: { description: 'Matching services and the funnel', schema: 'Discovery' },
          ...unacceptable,
        },
      },
      handle: (exchange) => discover(ports, exchange),
    },
    {
      ...shared,
      url: '/api/v1/route',
      scopes: ['decide', 'execute'],
      body: 'payload',
      operation: {
        summary: 'Decide only: certified and recorded, no service is called',
        description:
          'A refusal is an answer here: status 200 with outcome `refused`. `openings` are the salts of what was sealed; they are given to nobody else.',
        tag,
        body: 'Request',
        answers: {
          200: { description: 'The decision, routed or refused', schema: 'Decision' },
          ...unacceptable,
        },
      },
      handle: (exchange) => route(ports, exchange),
    },
    {
      ...shared,
      url: '/api/v1/orchestrate',
      scopes: ['execute'],
      body: 'payload',
      operation: {
        summary: 'Decide and execute',
        description:
          'With `"stream": true` in the body, or Accept: text/event-stream, the service’s events are passed through as they come. Every answer carries the promise in x-caio-promise-* headers. The status is 200, or the 4xx with which the service refused the payload.',
        tag,
        body: 'Execution',
        answers: {
          200: {
            description: 'The result of the service with the decision, or its stream',
            schema: 'Executed',
          },
          ...unacceptable,
          502: { description: 'The certified services failed; the attempts are listed' },
          504: { description: 'The certified services missed the deadline' },
          ...refusedAnswer,
        },
      },
      handle: (exchange) => orchestrate(ports, exchange),
    },
  ];
}

const refusedAnswer = {
  '4XX': {
    description:
      'Code no_admissible_service: no service may serve the request. Members decision_id, log_index, outcome (the nearest services with what each lacked) and funnel.',
    schema: 'Problem',
  },
};

function discover(ports: DecisionPorts, exchange: Exchange): Answer {
  const body = parseBody(exchange, parseRequest, 'invalid_request');
  if (!body.ok) return body.error;
  const { value, document } = body.value;
  const { view } = ports.log;
  const made = decideOn(ports, view, value, exchange.identity);
  if (!made.ok) return invalid('invalid_request', located(made.error, document));
  const { inputs, funnel, ranking, rules, outcome } = made.value.decision.certificate;
  const { seed, time } = inputs;
  const question = openQuestion(
    { request: inputs.request, commitments: {}, caller: inputs.caller, time, seed, seedOrigin: 'server' },
    view.snapshot,
  );
  const matching = question.ok ? matchContracts(authenticate(question.value)) : undefined;
  const { contracts } = view.snapshot.registry;
  const matched =
    matching === undefined
      ? []
      : [...positionsOf(matching.left, mostMatched)].flatMap((position) => contracts[position] ?? []);
  return json(200, {
    matched: matched.map(({ id, version }) => ({ id, version })),
    admissible: ranking.best.map(({ service, version, total }) => ({ id: service, version, total })),
    considered: ranking.considered,
    funnel,
    rules,
    outcome,
    as_of: inputs.state.as_of,
  });
}

async function route(ports: DecisionPorts, exchange: Exchange): Promise<Answer> {
  const body = parseBody(exchange, parseRequest, 'invalid_request');
  if (!body.ok) return body.error;
  const recorded = await record(ports, exchange, body.value, 'route');
  if ('kind' in recorded) return recorded;
  const { certificate } = recorded.decision;
  return jsonText(200, decisionText(ports, recorded), decisionHeaders(certificate, recorded.index));
}

async function orchestrate(ports: DecisionPorts, exchange: Exchange): Promise<Answer> {
  const asked = exchange.document();
  if (!asked.ok) return asked.error;
  const { document, stream } = takeStream(asked.value, exchange.header('accept'));
  const body = parseRequest(document);
  if (!body.ok) return invalid('invalid_request', located(body.error, document));
  // Whatever is sent is committed to: no payload is sent as null.
  const value = { ...body.value, payload: body.value.payload ?? null };
  const recorded = await record(ports, exchange, { value, document }, 'execute');
  if ('kind' in recorded) return recorded;
  if (recorded.decision.certificate.outcome.decision === 'refused') return refusal(recorded);
  const execution = { payload: value.payload, stream, signal: exchange.signal };
  const result = await executeRecorded(ports, recorded, execution);
  return executionAnswer(result, recorded, decisionMembers(ports, recorded));
}

/** `stream` is about the answer, not part of the request that is certified. */
function takeStream(
  document: SourceDocument,
  accept: string | undefined,
): { readonly document: SourceDocument; readonly stream: boolean } {
  const wanted = accept?.trim().toLowerCase().startsWith('text/event-stream') ?? false;
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { document, stream: wanted };
  const { stream, ...rest } = value as { readonly [name: string]: SourceDocument['value'] };
  // Anything but true or false is left for the parser to refuse.
  if (typeof stream !== 'boolean') return { document, stream: wanted };
  return { document: derivedDocument(document, rest), stream };
}

/** Decides and records; a Failure where that is not possible. */
export async function record(
  ports: DecisionPorts,
  { identity }: Exchange,
  { value, document }: { readonly value: RequestDocument; readonly document: SourceDocument },
  purpose: 'route' | 'execute',
): Promise<Recorded | Failure> {
  const recorded = await decideAndRecord(ports, value, identity, purpose);
  if (recorded.ok) return recorded.value;
  return 'kind' in recorded.error
    ? recorded.error
    : invalid('invalid_request', located(recorded.error, document));
}

/** A refusal where an execution was asked for. */
export function refusal({ decision, index }: Recorded): Failure {
  const { certificate } = decision;
  const { id, outcome, funnel } = certificate;
  const step = outcome.decision === 'refused' ? outcome.step : '';
  return failure(
    'no_admissible_service',
    `None of ${funnel.registered} registered services is left after the step ${step}.`,
    {
      members: { decision_id: id, log_index: index, outcome, funnel },
      headers: decisionHeaders(certificate, index),
    },
  );
}

/** The JSON of `decisionMembers`. The certificate was written when it was measured and signed, and is not written again. */
function decisionText(ports: DecisionPorts, recorded: Recorded): string {
  const { certificate, ...others } = decisionMembers(ports, recorded);
  return withMember(others, 'certificate', canonicalText(certificate));
}

export function decisionMembers({ signingKey }: DecisionPorts, { decision, index, salts }: Recorded) {
  const { certificate } = decision;
  return {
    decision_id: certificate.id,
    log_index: index,
    outcome: certificate.outcome.decision,
    openings: salts,
    certificate,
    envelope: signCertificate(certificate, signingKey),
  };
}
