import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEvent, readEvents, type ServerSentEvent } from '../../../src/sdk/event-stream.js';

async function* cut(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const at = [0, ...cuts.filter((c) => c < bytes.length).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < at.length; i += 1) yield bytes.subarray(at[i - 1], at[i]);
}

async function read(text: string, cuts: readonly number[] = []): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of readEvents(cut(new TextEncoder().encode(text), cuts))) events.push(event);
  return events;
}

describe('an event stream', () => {
  it('gives events with their names, and joins data lines', async () => {
    expect(await read(': hello\n\ndata: a\ndata:b\n\nevent: error\nid: 7\ndata\n\ndata: unfinished')).toEqual(
      [
        { event: 'message', data: 'a\nb' },
        { event: 'error', data: '' },
      ],
    );
  });

  it('reads the same events however it is cut and whichever line ends it uses', async () => {
    const seed = 7;
    let cases = 0;
    const anyText = fc
      .string({ unit: 'grapheme', maxLength: 12 })
      .map((text) => text.replace(/[\r\n\0]/g, ' '));
    const anyEvents = fc.array(
      fc.record({ event: fc.constantFrom('message', 'error', 'usage'), data: anyText }),
      {
        maxLength: 8,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        anyEvents,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(300), { maxLength: 20 }),
        async (events, lineEnd, cuts) => {
          cases += 1;
          const text = events
            .map(({ event, data }) => formatEvent(data, event === 'message' ? undefined : event))
            .join('')
            .replaceAll('\n', lineEnd);
          expect(await read(text, cuts)).toEqual(events);
        },
      ),
      { numRuns: 500, seed },
    );
    console.log(`event streams: ${cases} cases, seed ${seed}`);
  });

  it('refuses a line without end', async () => {
    async function* endless() {
      for (;;) yield new Uint8Array(1 << 20).fill(0x61);
    }
    await expect(async () => {
      for await (const _ of readEvents(endless()));
    }).rejects.toThrow(RangeError);
  });
});
