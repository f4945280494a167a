import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI, { APIError, AuthenticationError, NotFoundError } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEcho } from '../fixtures/server/echo-service.js';
import { type Running, startServer, wireContract } from '../fixtures/server/running-server.js';

const chunks = ['Hel', 'lo', ' there'].map((content, index) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'upstream-model',
  choices: [{ index: 0, delta: { content }, finish_reason: index === 2 ? 'stop' : null }],
}));
const whole = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'upstream-model',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};

/** An upstream that speaks OpenAI's protocol and keeps what it was sent. */
async function startUpstream(): Promise<{
  server: Server;
  url: string;
  seen: { body: Record<string, unknown>; headers: IncomingMessage['headers'] }[];
}> {
  const seen: { body: Record<string, unknown>; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const body = JSON.parse(text) as Record<string, unknown>;
    seen.push({ body, headers: request.headers });
    if (body.stream === true) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      response.end('data: [DONE]\n\n');
    } else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(whole));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}

let caio: Running;
let upstream: Awaited<ReturnType<typeof startUpstream>>;
const client = (key = 'execute') =>
  new OpenAI({ baseURL: `${caio.url}/v1`, apiKey: caio.keys[key] ?? key, maxRetries: 0 });
const messages = [{ role: 'user' as const, content: 'hello' }];
const register = (contract: object) =>
  caio.call('POST', '/api/v1/services', { key: 'register', body: contract });

beforeAll(async () => {
  caio = await startServer();
  upstream = await startUpstream();
});
afterAll(async () => {
  await caio.close();
  upstream.server.close();
});
afterEach(async () => {
  const { body } = await caio.call('GET', '/api/v1/services', { key: 'decide' });
  for (const { id } of body.services)
    await caio.call('DELETE', `/api/v1/services/${id}`, { key: 'register' });
  upstream.seen.length = 0;
});

const provider = (more: object = {}) =>
  wireContract('provider', {
    api: { protocol: 'openai', url: upstream.url, model: 'upstream-model' },
    ...more,
  });

describe('the openai client against /v1', () => {
  it('lists one model for each intent', async () => {
    await register(provider());
    const models = [];
    for await (const model of client().models.list()) models.push(model.id);
    expect(models).toEqual(['caio:chat']);
    expect((await client().models.retrieve('caio:chat')).owned_by).toBe('caio');
  });

  it('gets a whole completion, unchanged, with the decision in the headers', async () => {
    await register(provider());
    const { data, response } = await client()
      .chat.completions.create({ model: 'caio:chat', messages, temperature: 0.7, max_tokens: 50 })
      .withResponse();
    expect(data).toMatchObject(whole);
    const id = response.headers.get('x-caio-decision-id') as string;
    expect(response.headers.get('x-caio-service')).toBe('provider');
    expect(upstream.seen[0]?.body).toEqual({
      model: 'upstream-model',
      messages,
      temperature: 0.7,
      max_tokens: 50,
    });
    const trace = await caio.call('GET', `/api/v1/traces/${id}`, { key: 'execute' });
    expect(trace.body.certificate.inputs.request.estimate).toEqual({ max_output_tokens: 50 });
    expect(trace.body.events[0].measured.tokens).toMatchObject({ input_tokens: 3, output_tokens: 2 });
    // Nothing of the caller's credential goes on to the service.
    expect(JSON.stringify(upstream.seen[0]?.headers)).not.toContain(caio.keys.execute);
  });

  it('streams chunk by chunk', async () => {
    await register(provider());
    const stream = await client().chat.completions.create({ model: 'caio:chat', messages, stream: true });
    const seen = [];
    for await (const chunk of stream) seen.push(chunk);
    expect(seen).toEqual(chunks);
  });

  it('takes requirements from extra_body and from headers', async () => {
    await register(provider());
    const extra = {
      caio: { data: { classification: 'restricted', contains: ['phi'] }, traits: { confidential: 0.9 } },
    };
    const { response } = await client()
      .chat.completions.create({ model: 'caio:chat', messages, ...extra } as never, {
        headers: {
          'x-caio-jurisdictions': 'EU, CH',
          'x-caio-max-cost-usd': '0.05',
          'x-caio-seed': '9007199254740991',
        },
      })
      .withResponse();
    const id = response.headers.get('x-caio-decision-id');
    const trace = await caio.call('GET', `/api/v1/traces/${id}`, { key: 'execute' });
    expect(trace.body.certificate.inputs).toMatchObject({
      seed: Number.MAX_SAFE_INTEGER,
      request: {
        intent: { type: 'chat' },
        data: { classification: 'restricted', contains: ['phi'], jurisdictions: ['CH', 'EU'] },
        budget: { max_cost_micro_usd: 50_000 },
        traits: { confidential_ppm: 900_000 },
      },
    });
    expect(upstream.seen[0]?.body).not.toHaveProperty('caio');
  });

  it('gets an error in its own form when no service may serve the request, and the upstream is not called', async () => {
    await register(provider({ privacy: { locality: 'cloud', jurisdictions: ['US'] } }));
    const headers = { 'x-caio-jurisdictions': 'EU' };
    const failed = await client()
      .chat.completions.create({ model: 'caio:chat', messages }, { headers })
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(APIError);
    const { status, code, error } = failed as APIError;
    expect([status, code]).toEqual([422, 'no_admissible_service']);
    expect(error).toMatchObject({
      decision_id: expect.stringMatching(/^[0-9a-f]{64}$/),
      outcome: {
        step: 'security',
        nearest: [{ service: 'provider', lacked: [{ code: 'jurisdiction_outside', ref: 'US' }] }],
      },
    });
    expect(upstream.seen).toEqual([]);
  });

  it('says in its form what is wrong with credential, model and requirements', async () => {
    await register(provider());
    const refused = await client('caio_wrong')
      .chat.completions.create({ model: 'caio:chat', messages })
      .catch((e) => e);
    expect(refused).toBeInstanceOf(AuthenticationError);
    const unknown = await client()
      .chat.completions.create({ model: 'gpt-4o', messages })
      .catch((e) => e);
    expect(unknown).toBeInstanceOf(NotFoundError);
    const body = { model: 'caio:chat', messages, caio: { budget: { max_cost_usd: 'much' } } };
    const invalid = await client()
      .chat.completions.create(body as never)
      .catch((e) => e);
    expect([invalid.status, invalid.code, invalid.error.problems[0].line]).toEqual([
      422,
      'invalid_request',
      1,
    ]);
    const twice = { ...body, caio: { budget: { max_cost_usd: 1 } } };
    const headers = { 'x-caio-max-cost-usd': '2' };
    const conflicting = await client()
      .chat.completions.create(twice as never, { headers })
      .catch((e) => e);
    expect(conflicting.error.problems[0].code).toBe('given_twice');
  });

  it('gets a completion from a service that speaks CAIO’s own protocol, whole and streamed', async () => {
    const echo = await startEcho('echo');
    await register(echo.contract);
    const answer = await client().chat.completions.create({ model: 'caio:chat', messages });
    expect(answer.choices[0]?.message.content).toBe('echo hello');
    expect(answer.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 2 });
    const stream = await client().chat.completions.create({ model: 'caio:chat', messages, stream: true });
    let text = '';
    let finish: string | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
    }
    await echo.service.close();
    expect([text, finish]).toEqual(['echo hello ', 'stop']);
  });

  it('cancels the call at the upstream when the client leaves', async () => {
    let resolve: (cut: boolean) => void = () => undefined;
    const cutOff = new Promise<boolean>((settle) => {
      resolve = settle;
    });
    const slow = createServer((request, response) => {
      response.once('close', () => resolve(!response.writableFinished));
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(chunks[0])}\n\n`);
    });
    slow.listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
    await register(wireContract('slow', { api: { protocol: 'openai', url } }));
    const stream = await client().chat.completions.create({ model: 'caio:chat', messages, stream: true });
    for await (const _ of stream) break;
    stream.controller.abort();
    expect(await cutOff).toBe(true);
    slow.close();
  });
});
