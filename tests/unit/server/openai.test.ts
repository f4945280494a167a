import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../../src/kernel/json.js';
import { chatCompletion } from '../../../src/server/openai/chat-completion.js';
import { chunkStream } from '../../../src/server/openai/chunk-stream.js';
import { completionOf } from '../../../src/server/openai/requirements.js';

const head = { id: 'chatcmpl-1', model: 'caio:chat', created: 1 };

function completion(body: object, headers: { readonly [name: string]: string } = {}) {
  const document = readJson(JSON.stringify(body));
  if (!document.ok) throw new Error('not JSON');
  return completionOf(document.value, (name) => headers[name]);
}

const good = { model: 'caio:chat', messages: [] };

describe('requirements of a chat completion', () => {
  it('come from the model, the member caio, and headers; the rest is the payload', () => {
    const composed = completion(
      { ...good, temperature: 1, caio: { data: { contains: ['phi'] } } },
      { 'x-caio-jurisdictions': 'EU, CH', 'x-caio-max-latency-ms': '1500.25', 'x-caio-on-device': 'true' },
    );
    expect(composed.ok && composed.value.document.value).toEqual({
      request: {
        intent: { type: 'chat' },
        data: { contains: ['phi'], jurisdictions: ['EU', 'CH'] },
        budget: { max_latency_ms: 1500.25 },
        requirements: { constraints: { on_device: true } },
      },
      payload: { model: 'caio:chat', messages: [], temperature: 1 },
    });
    expect(composed.ok && composed.value.document.numberText('/request/budget/max_latency_ms')).toBe(
      '1500.25',
    );
  });

  it('keep positions and digits of the body', () => {
    const text = '{"model":"caio:chat","messages":[],\n"caio":{"budget":{"max_cost_usd":0.0500000}}}';
    const document = readJson(text);
    const composed = document.ok ? completionOf(document.value, () => undefined) : undefined;
    if (!composed?.ok) throw new Error('not composed');
    expect(composed.value.document.numberText('/request/budget/max_cost_usd')).toBe('0.0500000');
    expect(composed.value.document.locate('/request/budget/max_cost_usd')).toMatchObject({ line: 2 });
  });

  it('take the most output tokens from the body, unless an estimate says it', () => {
    const estimate = (body: object) => {
      const composed = completion({ ...good, ...body });
      const value = composed.ok
        ? (composed.value.document.value as { request: { estimate?: object } })
        : undefined;
      return value?.request.estimate;
    };
    expect(estimate({ max_tokens: 5 })).toEqual({ max_output_tokens: 5 });
    expect(estimate({ max_tokens: 5, max_completion_tokens: 7 })).toEqual({ max_output_tokens: 7 });
    expect(estimate({ max_tokens: 5, caio: { estimate: { output_tokens: 2 } } })).toEqual({
      output_tokens: 2,
    });
    expect(estimate({ max_tokens: 'many' })).toBeUndefined();
  });

  it.each([
    ['another model', { ...good, model: 'gpt-4o' }, {}, 'model_not_found'],
    ['a model without an intent', { ...good, model: 'caio:' }, {}, 'model_not_found'],
    ['no messages', { model: 'caio:chat' }, {}, 'field_missing'],
    ['stream as text', { ...good, stream: 'yes' }, {}, 'type_wrong'],
    ['caio as text', { ...good, caio: 'x' }, {}, 'type_wrong'],
    ['an intent beside the model', { ...good, caio: { intent: { type: 'embed' } } }, {}, 'field_unknown'],
    ['a field twice', { ...good, caio: { profile: 'a' } }, { 'x-caio-profile': 'b' }, 'given_twice'],
    [
      'a header into what is no object',
      { ...good, caio: { data: 1 } },
      { 'x-caio-contains': 'phi' },
      'given_twice',
    ],
  ])('are refused with %s', (_name, body, headers, code) => {
    const refused = completion(body, headers);
    expect(refused.ok ? [] : refused.error.map((problem) => problem.code)).toEqual([code]);
  });
});

describe('an answer in the form of a chat completion', () => {
  it.each([
    ['text', 'hello', 'hello'],
    ['an object with text', { text: 'hello', score: 1 }, 'hello'],
    ['an object with content', { content: 'hello' }, 'hello'],
    ['anything else', { answer: 42 }, '{"answer":42}'],
    ['nothing', null, 'null'],
  ])('%s', (_name, result, content) => {
    expect(chatCompletion(head, result, undefined)).toMatchObject({
      ...head,
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }],
    });
  });

  it('stays as it is where the service made it', () => {
    const own = { id: 'x', choices: [{ message: { content: 'y' } }] };
    expect(chatCompletion(head, own, undefined)).toBe(own);
  });
});

describe('a stream of chunks', () => {
  async function chunksOf(parts: readonly (string | Error)[]): Promise<readonly unknown[]> {
    const source = Readable.from(
      (async function* () {
        for (const part of parts) {
          if (part instanceof Error) throw part;
          yield Buffer.from(part);
        }
      })(),
      { objectMode: false },
    );
    let text = '';
    for await (const bytes of chunkStream(head, source)) text += bytes;
    const events = text.split('\n\n').filter((event) => event !== '');
    return events.map((event) => {
      const data = event.replace(/^data: /, '');
      return data === '[DONE]' ? data : JSON.parse(data);
    });
  }
  const content = (chunk: unknown) =>
    (chunk as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content;

  it('is the same however the events are cut into packets', async () => {
    const text =
      ': hello\n\ndata: "Grüße "\r\n\r\nevent: usage\ndata: {"input_tokens":1}\n\ndata: {"text":"an alle"}\n\ndata: [DONE]\n\n';
    const bytes = Buffer.from(text);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const source = Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)], { objectMode: false });
      let out = '';
      for await (const part of chunkStream(head, source)) out += part;
      expect(out.match(/"content":"[^"]*"/g)).toEqual(['"content":"Grüße "', '"content":"an alle"']);
      expect(out.endsWith('data: [DONE]\n\n')).toBe(true);
    }
  });

  it('ends with an error and without [DONE] when the service says so, breaks off or stops short', async () => {
    for (const end of ['event: error\ndata: {"message":"secret"}\n\n', new Error('secret'), '']) {
      const events = await chunksOf(['data: "one"\n\n', end]);
      expect(content(events[0])).toBe('one');
      expect(events.at(-1)).toMatchObject({ error: { code: 'upstream_failed' } });
      expect(JSON.stringify(events)).not.toContain('secret');
    }
  });
});
