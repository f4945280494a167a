import { Readable } from 'node:stream';
import { type CompletionHead, chatChunk, lastChunk } from './chat-completion.js';

const longestEvent = 1024 * 1024;

/**
 * The server-sent events of a service as chat completion chunks: `data:` is a chunk, `[DONE]` the end; comments and named events but
 * `error` are left out. A stream that breaks or reports an error ends with an `error` event in OpenAI's form and without `[DONE]`.
 */
export function chunkStream(head: CompletionHead, events: Readable): Readable {
  return Readable.from(chunks(head, events), { objectMode: false });
}

async function* chunks(head: CompletionHead, events: Readable): AsyncGenerator<string, void> {
  try {
    for await (const event of eventsOf(events)) {
      if (event.name === 'error') {
        yield errorEvent();
        return;
      }
      if (event.name !== 'message') continue;
      if (event.data === '[DONE]') {
        yield dataEvent(lastChunk(head));
        yield 'data: [DONE]\n\n';
        return;
      }
      yield dataEvent(chatChunk(head, jsonOrText(event.data)));
    }
  } catch {
    // How it broke is in the trace; the status of the answer has left already.
  }
  yield errorEvent();
}

/** The chunks of a result that came whole: one, and the end. */
export function wholeAsChunks(head: CompletionHead, result: unknown): string {
  return `${dataEvent(chatChunk(head, result))}${dataEvent(lastChunk(head))}data: [DONE]\n\n`;
}

async function* eventsOf(
  source: Readable,
): AsyncGenerator<{ readonly name: string; readonly data: string }, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of source) {
    rest += decoder.decode(bytes as Uint8Array, { stream: true });
    const blocks = rest.split(/\r\n\r\n|\n\n|\r\r/);
    rest = blocks.pop() ?? '';
    if (rest.length > longestEvent) throw new Error('an event is too long');
    for (const block of blocks) yield eventOf(block);
  }
}

function eventOf(block: string): { readonly name: string; readonly data: string } {
  let name = 'message';
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const [field, value] = fieldOf(line);
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
  }
  return { name: data.length === 0 ? 'comment' : name, data: data.join('\n') };
}

function fieldOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value];
}

function jsonOrText(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

const dataEvent = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

const errorEvent = (): string =>
  dataEvent({
    error: {
      message: 'The service failed in mid-stream',
      type: 'server_error',
      param: null,
      code: 'upstream_failed',
    },
  });
