import { err, ok } from '../../../kernel/result.js';
import { jsonMembers, jsonValue } from '../../json-members.js';
import type { Protocol } from '../../protocol.js';
import { serviceUrl } from '../../service-url.js';
import { readUsage, usageInEvents } from '../../usage.js';

/**
 * The CAIO service protocol: POST {url}/v1/execute with {decision_id, intent, payload, promise, stream} is answered by
 * {result, usage?}, or as server-sent events: one `data:` line of JSON per chunk, optionally `event: usage`, and at the
 * end `data: [DONE]`. A service that fails half-way sends `event: error`. See docs/guides/register-a-service.md.
 */
export const caio: Protocol = {
  encode({ contract, certificate, promise, payload, stream }) {
    const url = serviceUrl(contract.api.url, '/v1/execute');
    if (!url.ok) return url;
    return ok({
      method: 'POST',
      url: url.value,
      headers: {
        'content-type': 'application/json',
        accept: stream ? 'text/event-stream, application/json' : 'application/json',
        'x-caio-decision-id': certificate.id,
      },
      body: JSON.stringify({
        decision_id: certificate.id,
        intent: certificate.inputs.request.intent,
        payload,
        promise,
        stream,
      }),
    });
  },

  decode({ bytes, streamed }) {
    const text = bytes.toString('utf8');
    if (streamed) return decodeEnd(text);
    const answer = jsonMembers(jsonValue(text)?.value);
    if (answer === undefined) return err('the answer is not a JSON object');
    if (!Object.hasOwn(answer, 'result')) return err('the answer has no result');
    const usage = readUsage(answer.usage);
    return ok({
      body: Buffer.from(JSON.stringify(answer.result)),
      ...(usage === undefined ? {} : { usage }),
    });
  },
};

function decodeEnd(tail: string) {
  if (/(^|[\r\n])event: ?error[\r\n]/.test(tail)) return err('the service reported an error in mid-stream');
  if (!/(^|[\r\n])data: ?\[DONE\]\s*$/.test(tail)) return err('the stream ended without data: [DONE]');
  const usage = usageInEvents(tail);
  return ok({ body: new Uint8Array(0), ...(usage === undefined ? {} : { usage }) });
}
