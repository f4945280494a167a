import type { WireRequestDocument } from '../contracts/wire.js';
import { errorFromDetails, type ProblemDetails, unreachable } from './caio-error.js';
import { readEvents } from './event-stream.js';
import type { Transport } from './transport.js';

/** The chunks of a result, each a JSON value, in order. Can be iterated once. */
export interface ResultStream extends AsyncIterable<unknown> {
  readonly decisionId: string;
  /** Ends the stream and cancels the call at the service. */
  cancel(): void;
}

/** Opens POST /api/v1/orchestrate as a stream. A service that answers whole gives one chunk. */
export async function openStream(
  transport: Transport,
  request: WireRequestDocument,
  signal: AbortSignal | undefined,
): Promise<ResultStream> {
  const own = new AbortController();
  const response = await transport.open('POST', '/api/v1/orchestrate', {
    body: { text: JSON.stringify({ ...request, stream: true }), type: 'application/json' },
    accept: 'text/event-stream, application/json',
    signal: signal === undefined ? own.signal : AbortSignal.any([own.signal, signal]),
  });
  return {
    decisionId: response.headers.get('x-caio-decision-id') ?? '',
    cancel: () => own.abort(),
    [Symbol.asyncIterator]: () => chunksOf(response, own),
  };
}

async function* chunksOf(response: Response, own: AbortController): AsyncGenerator<unknown, void> {
  let complete = false;
  try {
    if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
      yield ((await response.json()) as { readonly result?: unknown }).result;
      complete = true;
      return;
    }
    for await (const { event, data } of readEvents(response.body as AsyncIterable<Uint8Array>)) {
      if (data === '[DONE]') {
        complete = true;
        return;
      }
      if (event === 'error') throw errorFromDetails(502, errorDetails(data));
      if (event === 'message') yield JSON.parse(data);
    }
    throw unreachable(response.url, new Error('the stream ended without data: [DONE]'));
  } finally {
    if (!complete) own.abort();
  }
}

function errorDetails(data: string): ProblemDetails {
  const { error = {} } = JSON.parse(data) as { readonly error?: { readonly message?: string } };
  return { code: 'upstream_failed', ...(error.message === undefined ? {} : { title: error.message }) };
}
