import type { SourceDocument } from '../../kernel/json.js';
import type { Problem } from '../../kernel/problem.js';
import { err, ok, type Result } from '../../kernel/result.js';
import { headerFields } from './header-fields.js';
import { isJsonObject, type JsonObject, type JsonTree } from './json-object.js';

/** A chat completion body as the request document that it stands for, to be read by `parseRequest`. */
export interface Completion {
  readonly document: SourceDocument;
  readonly model: string;
  readonly stream: boolean;
}

const modelPrefix = 'caio:';

/**
 * Requirements of a chat completion come from three places. The model names the intent: `caio:chat`. The member `caio` of the body (what
 * OpenAI's clients send from `extra_body`) has the form of `request`, without `intent`. Headers `x-caio-*` set single fields; one that
 * the body sets too is a problem. What is left of the body is the payload. Where nothing else says it, `max_completion_tokens` or
 * `max_tokens` is the greatest number of output tokens.
 */
export function completionOf(
  body: SourceDocument,
  header: (name: string) => string | undefined,
): Result<Completion, readonly Problem[]> {
  const { value } = body;
  if (!isJsonObject(value)) return err([problem('type_wrong', '', 'expected an object', body)]);
  const { caio, ...payload } = value;
  const { model, stream } = payload;
  if (typeof model !== 'string' || !model.startsWith(modelPrefix) || model === modelPrefix) {
    const message = 'a model is caio:<intent>, for example caio:chat';
    return err([problem('model_not_found', '/model', message, body)]);
  }
  if (!Array.isArray(payload.messages)) {
    return err([problem('field_missing', '/messages', 'expected a list of messages', body)]);
  }
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    return err([problem('type_wrong', '/stream', 'expected true or false', body)]);
  }
  if (caio !== undefined && !isJsonObject(caio)) {
    return err([problem('type_wrong', '/caio', 'expected an object', body)]);
  }
  if (caio?.intent !== undefined) {
    return err([problem('field_unknown', '/caio/intent', 'the intent is in the model name', body)]);
  }
  const fields = headerFields(header, caio ?? {});
  if (!fields.ok) return fields;
  const { request, numbers } = fields.value;
  const intent = { type: model.slice(modelPrefix.length) };
  const composed = { request: { ...withOutputTokens(request, payload), intent }, payload };
  return ok({ document: sourceOf(body, composed, numbers), model, stream: stream === true });
}

function withOutputTokens(request: JsonObject, payload: JsonObject): JsonObject {
  const most = payload.max_completion_tokens ?? payload.max_tokens;
  const estimate = request.estimate ?? {};
  if (typeof most !== 'number' || !Number.isSafeInteger(most) || most < 0 || !isJsonObject(estimate))
    return request;
  if (estimate.output_tokens !== undefined || estimate.max_output_tokens !== undefined) return request;
  return { ...request, estimate: { ...estimate, max_output_tokens: most } };
}

/** Positions and numbers of the body, where `/request` is what the body calls `/caio` and `/payload` the rest of it. */
function sourceOf(
  body: SourceDocument,
  value: JsonTree,
  numbers: ReadonlyMap<string, string>,
): SourceDocument {
  const inBody = (pointer: string): string => {
    if (pointer.startsWith('/payload')) return pointer.slice('/payload'.length);
    if (pointer.startsWith('/request/intent')) return '/model';
    return pointer.startsWith('/request') ? `/caio${pointer.slice('/request'.length)}` : pointer;
  };
  return {
    value,
    numberText: (pointer) => numbers.get(pointer) ?? body.numberText(inBody(pointer)),
    locate: (pointer) => body.locate(inBody(pointer)),
  };
}

function problem(code: string, path: string, message: string, body: SourceDocument): Problem {
  return { code, path, message, ...body.locate(path) };
}
