import { err, ok } from '../../../kernel/result.js';
import { jsonMembers, jsonValue } from '../../json-members.js';
import type { Protocol } from '../../protocol.js';
import { serviceUrl } from '../../service-url.js';
import { readUsage, usageInEvents } from '../../usage.js';

/**
 * Chat completions as OpenAI defines them: POST {url}/chat/completions with the caller's body, in which `model` becomes the
 * contract's `api.model` and `stream` what the call says. Answers and streams are passed on byte for byte.
 */
export const openai: Protocol = {
  encode({ contract, payload, stream }) {
    const body = jsonMembers(payload);
    if (body === undefined) return err('a chat completion is a JSON object');
    const url = serviceUrl(contract.api.url, '/chat/completions');
    if (!url.ok) return url;
    const model = contract.api.model ?? body.model;
    return ok({
      method: 'POST',
      url: url.value,
      headers: {
        'content-type': 'application/json',
        accept: stream ? 'text/event-stream, application/json' : 'application/json',
      },
      body: JSON.stringify({
        ...body,
        ...(model === undefined ? {} : { model }),
        ...(stream || body.stream !== undefined ? { stream } : {}),
      }),
    });
  },

  decode({ bytes, streamed }) {
    const text = bytes.toString('utf8');
    // Whether `data: [DONE]` comes is not judged: not every compatible provider sends it.
    if (streamed) return withUsage(new Uint8Array(0), usageInEvents(text));
    const answer = jsonMembers(jsonValue(text)?.value);
    if (answer === undefined) return err('the answer is not a JSON object');
    return withUsage(bytes, readUsage(answer.usage));
  },
};

function withUsage(body: Uint8Array, usage: ReturnType<typeof readUsage>) {
  return ok({ body, ...(usage === undefined ? {} : { usage }) });
}
