/** One server-sent event (WHATWG HTML §9.2.6). `event` is 'message' when the sender named none. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** More than this between two line ends is no event stream of ours. */
const maxLineChars = 8 * 2 ** 20;

/**
 * The events of a byte stream, wherever it is cut, also inside a character or between CR and LF. An event that the stream
 * ends in the middle of is dropped, as the standard says. Throws when a line exceeds 8 Mi characters.
 */
export async function* readEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent, void> {
  let event = '';
  let data: string[] = [];
  for await (const line of linesOf(bytes)) {
    if (line === '') {
      if (data.length > 0) yield { event: event === '' ? 'message' : event, data: data.join('\n') };
      event = '';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
  }
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  // Where in `rest` no line end was found yet, so that a long line is searched once.
  let searched = 0;
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    for (;;) {
      const end = lineEnd(rest, searched);
      if (end === undefined) break;
      yield rest.slice(0, end.at);
      rest = rest.slice(end.next);
      searched = 0;
    }
    // A CR at the very end waits: its LF may come in the next chunk.
    searched = rest.endsWith('\r') ? rest.length - 1 : rest.length;
    if (rest.length > maxLineChars) throw new RangeError('a line of the event stream is too long');
  }
  if (rest.endsWith('\r')) yield rest.slice(0, -1);
}

function lineEnd(text: string, from: number): { readonly at: number; readonly next: number } | undefined {
  for (let at = from; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 0x0a) return { at, next: at + 1 };
    if (unit !== 0x0d) continue;
    if (at + 1 === text.length) return undefined;
    return { at, next: text.charCodeAt(at + 1) === 0x0a ? at + 2 : at + 1 };
  }
  return undefined;
}

/** One event as text. `data` is JSON or a mark without line ends. */
export function formatEvent(data: string, event?: string): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`;
}
