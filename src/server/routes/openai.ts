import { parseRequest } from '../../contracts/parse-request.js';
import type { Answered } from '../../gateway/port.js';
import type { Recorded } from '../decisions/decide-and-record.js';
import { executeRecorded } from '../decisions/execute-recorded.js';
import type { DecisionPorts } from '../decisions/ports.js';
import { type Answer, json } from '../http/answer.js';
import { failure, invalid } from '../http/failure.js';
import { located } from '../http/parse-body.js';
import type { Exchange, Route } from '../http/route.js';
import { type CompletionHead, chatCompletion } from '../openai/chat-completion.js';
import { chunkStream, wholeAsChunks } from '../openai/chunk-stream.js';
import { requirementHeaders } from '../openai/header-fields.js';
import { type Completion, completionOf } from '../openai/requirements.js';
import { record, refusal } from './decisions.js';
import { executionFailure, isStream, servedHeaders } from './execution-answer.js';

const tag = 'openai';

/** The OpenAI surface: a client of theirs needs another base URL and key, and a model named `caio:<intent>`. */
export function openAiRoutes(ports: DecisionPorts): readonly Route[] {
  const shared = { surface: 'openai' } as const;
  const read = { ...shared, method: 'GET', body: 'none', scopes: ['decide', 'execute'] } as const;
  return [
    {
      ...shared,
      method: 'POST',
      url: '/v1/chat/completions',
      scopes: ['execute'],
      body: 'payload',
      operation: {
        summary: 'A chat completion by whichever service may and should serve it',
        description:
          'The model is caio:<intent>. Requirements are in the member `caio` (the form of `request`, without intent) and in x-caio-* headers. Services of protocol openai are passed through byte for byte; answers of others are put into the form of a chat completion.',
        tag,
        body: 'ChatCompletion',
        parameters: Object.keys(requirementHeaders).map((name) => ({
          name,
          in: 'header',
          schema: { type: 'string' },
          required: false,
        })),
        answers: {
          200: { description: 'A chat completion, or a stream of its chunks' },
          '4XX': {
            description:
              'An error in OpenAI’s form; code no_admissible_service with the decision when no service may serve it',
            schema: 'OpenAiError',
          },
          '5XX': { description: 'The services failed, in OpenAI’s form', schema: 'OpenAiError' },
        },
      },
      handle: (exchange) => complete(ports, exchange),
    },
    {
      ...read,
      url: '/v1/models',
      operation: {
        summary: 'One model for each intent that a service serves',
        tag,
        answers: { 200: { description: 'Models' } },
      },
      handle: () => json(200, { object: 'list', data: intents(ports).map(modelMember) }),
    },
    {
      ...read,
      url: '/v1/models/:model',
      operation: { summary: 'One of the models', tag, answers: { 200: { description: 'The model' } } },
      handle: ({ path }) => {
        const intent = intents(ports).find((type) => modelMember(type).id === path.model);
        return intent === undefined
          ? failure('not_found', 'There is no such model.')
          : json(200, modelMember(intent));
      },
    },
  ];
}

async function complete(ports: DecisionPorts, exchange: Exchange): Promise<Answer> {
  const body = exchange.document();
  if (!body.ok) return body.error;
  const completion = completionOf(body.value, exchange.header);
  if (!completion.ok) {
    const unknownModel = completion.error.some((problem) => problem.code === 'model_not_found');
    return invalid(unknownModel ? 'not_found' : 'invalid_request', completion.error);
  }
  const { document, stream } = completion.value;
  const request = parseRequest(document);
  if (!request.ok) return invalid('invalid_request', located(request.error, document));
  const { value } = request;
  const recorded = await record(ports, exchange, { value, document }, 'execute');
  if ('kind' in recorded) return recorded;
  if (recorded.decision.certificate.outcome.decision === 'refused') return refusal(recorded);
  const result = await executeRecorded(ports, recorded, {
    payload: value.payload,
    stream,
    signal: exchange.signal,
  });
  if (result.kind === 'failed') return executionFailure(result, recorded);
  return completionAnswer(ports, completion.value, result, recorded);
}

function completionAnswer(
  ports: DecisionPorts,
  { model, stream }: Completion,
  result: Answered,
  recorded: Recorded,
): Answer {
  const { status, body, protocol } = result;
  const headers = { ...result.headers, ...servedHeaders(result, recorded) };
  if (isStream(body)) result.finished.catch(() => undefined);
  if (protocol === 'openai' || status >= 400) {
    return isStream(body)
      ? { kind: 'stream', status, body, headers }
      : { kind: 'raw', status, body, headers };
  }
  const created = Math.floor(ports.clock.wallMicros() / 1e6);
  const head: CompletionHead = {
    id: `chatcmpl-${recorded.decision.certificate.id.slice(0, 32)}`,
    model,
    created,
  };
  const events = { ...headers, 'content-type': 'text/event-stream; charset=utf-8' };
  if (isStream(body)) return { kind: 'stream', status, body: chunkStream(head, body), headers: events };
  const value = jsonOrText(body);
  if (stream) return { kind: 'raw', status, body: wholeAsChunks(head, value), headers: events };
  const outcome = result.attempts.at(-1)?.outcome;
  const usage = outcome?.kind === 'answered' ? outcome.usage : undefined;
  return json(status, chatCompletion(head, value, usage), servedHeaders(result, recorded));
}

function jsonOrText(body: Uint8Array): unknown {
  const text = Buffer.from(body).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function intents({ log }: DecisionPorts): readonly string[] {
  const types = log.view.folded.state.contracts.flatMap((contract) =>
    contract.capabilities.map(({ type }) => type),
  );
  return [...new Set(types)].sort();
}

const modelMember = (intent: string) => ({
  id: `caio:${intent}`,
  object: 'model',
  created: 0,
  owned_by: 'caio',
});
