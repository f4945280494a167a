import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { executeDecision } from '../../src/gateway/execution.js';
import { InvalidContract } from '../../src/sdk/contract-source.js';
import { defineService, type Service, type ServiceDefinition } from '../../src/sdk/service.js';
import { PayloadRefused } from '../../src/sdk/service-protocol.js';
import { Bench, callOf, decidedChain, kinds } from './gateway-bench.js';

const contract = 'examples/demo/services/abacus.yaml';
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serve(definition: Partial<ServiceDefinition>): Promise<{ service: Service; url: string }> {
  const service = defineService({ contract, execute: () => ({ result: 'ok' }), ...definition });
  const { url } = await service.listen({ port: 0 });
  open.push(service);
  return { service, url };
}

function post(url: string, body: unknown, headers = {}): Promise<Response> {
  return fetch(`${url}/v1/execute`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

const call = { decision_id: 'd1', intent: { type: 'sum' }, payload: [1, 2], promise: { deadline_micros: 5 } };

describe('a service', () => {
  it('takes its contract from a path, a text or an object, and gives it to whoever asks', async () => {
    const text = readFileSync(contract, 'utf8');
    const { service, url } = await serve({ contract: text });
    expect(service.contract.id).toBe('abacus');
    expect(await (await fetch(`${url}/v1/contract`)).text()).toBe(text);
    const fromPath = defineService({ contract, execute: () => ({ result: 1 }) });
    expect(fromPath.contract).toEqual(service.contract);
    const wire = {
      id: 'tiny',
      version: '1',
      origin: 'internal',
      capabilities: [{ type: 'echo' }],
      privacy: { locality: 'local' },
      alignment: { risk: 0 },
      security: { permissions: [], trust_level: 0 },
      api: { protocol: 'caio', url: 'http://127.0.0.1:1' },
    };
    expect(defineService({ contract: wire, execute: () => ({ result: 1 }) }).contract.id).toBe('tiny');
  });

  it('is not defined on an invalid contract, and says all that is wrong with it', () => {
    const broken = readFileSync(contract, 'utf8')
      .replace('origin: internal', 'origin: nowhere')
      .replace('risk: 0.01', 'risk: 7');
    try {
      defineService({ contract: broken, execute: () => ({ result: 1 }) });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidContract);
      expect((error as InvalidContract).problems.map(({ path }) => path)).toEqual(
        expect.arrayContaining(['/origin', '/alignment/risk']),
      );
    }
  });

  it('gets the call as it was sent and answers with result and usage', async () => {
    const seen: unknown[] = [];
    const { url } = await serve({
      execute: (request) => {
        seen.push(request);
        return Promise.resolve({ result: { sum: 3 }, usage: { input_tokens: 2 } });
      },
    });
    const response = await post(url, call);
    expect([response.status, await response.json()]).toEqual([
      200,
      { result: { sum: 3 }, usage: { input_tokens: 2 } },
    ]);
    expect(seen).toEqual([
      { decisionId: 'd1', intent: { type: 'sum' }, payload: [1, 2], promise: call.promise, stream: false },
    ]);
  });

  it('refuses what is no call of the protocol, and goes on', async () => {
    const { url } = await serve({});
    const bodies = ['', '{', '[]', 'null', '{}', { ...call, intent: 'sum' }, { ...call, promise: null }];
    for (const body of bodies) expect((await post(url, body)).status).toBe(400);
    expect((await post(url, 'x'.repeat(9 * 2 ** 20))).status).toBe(413);
    expect((await fetch(`${url}/v1/execute`)).status).toBe(404);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await post(url, call)).status).toBe(200);
  });

  it('tells a refused payload from a failure, and of a failure nothing', async () => {
    const { url } = await serve({
      execute: ({ payload }) => {
        if (payload === 'unfit') throw new PayloadRefused('not a list');
        throw new Error('hush: the payload was 4711');
      },
    });
    const refused = await post(url, { ...call, payload: 'unfit' });
    expect([refused.status, await refused.json()]).toEqual([422, { status: 422, title: 'not a list' }]);
    const failed = await post(url, call);
    expect(failed.status).toBe(500);
    expect(await failed.text()).not.toMatch(/hush|4711|Error/);
  });

  it('declines when it cannot keep the promise, so that CAIO may ask another', async () => {
    const { url } = await serve({
      verifyGuarantees: (promise, own) => ({
        holds: own.id === 'abacus' && promise.deadline_micros > 5,
        reason: 'too late',
      }),
    });
    expect((await post(url, call)).status).toBe(503);
    expect((await post(url, { ...call, promise: { deadline_micros: 6 } })).status).toBe(200);
  });

  it('says how it is', async () => {
    let holds = true;
    const { url } = await serve({ health: () => ({ holds }) });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    holds = false;
    const response = await fetch(`${url}/health`);
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'failing', service: 'abacus', version: '1.0.0' },
    ]);
  });

  it('lets nobody in who does not carry its secret', async () => {
    const { url } = await serve({ secret: 'k-1' });
    for (const authorization of ['', 'Bearer', 'Bearer k-2', 'Bearer k-11', 'k-1']) {
      expect((await post(url, call, { authorization })).status).toBe(401);
    }
    expect((await post(url, call, { authorization: 'Bearer k-1' })).status).toBe(200);
  });

  it('outlives a connection that breaks in mid-body', async () => {
    const { url } = await serve({});
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
        socket.write('POST /v1/execute HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"decision');
        setImmediate(() => socket.destroy());
      });
      socket.on('close', () => resolve());
    });
    expect((await post(url, call)).status).toBe(200);
  });
});

describe('a service behind the gateway', () => {
  const stream = async (execute: ServiceDefinition['execute'], wanted = true) => {
    const bench = new Bench();
    open.push(bench);
    const { url } = await serve({ execute });
    const decided = decidedChain([{ protocol: 'caio', url }]);
    const result = await executeDecision(decided, callOf(null, wanted), bench.ports());
    if (result.kind !== 'answered') throw result.fault;
    return result;
  };
  const textOf = async (body: Readable) => {
    let text = '';
    for await (const chunk of body.setEncoding('utf8')) text += chunk;
    return text;
  };

  it('streams one event a chunk and marks the end', async () => {
    const result = await stream(async function* () {
      yield { word: 'a\nb' };
      yield 2;
    });
    expect(await textOf(result.body as Readable)).toBe(
      'data: {"word":"a\\nb"}\n\ndata: 2\n\ndata: [DONE]\n\n',
    );
    expect(kinds(await result.finished)).toEqual(['answered']);
  });

  it('is collected into a list when nobody wants a stream', async () => {
    const result = await stream(async function* () {
      yield 1;
      yield 2;
    }, false);
    expect(Buffer.from(result.body as Uint8Array).toString()).toBe('[1,2]');
  });

  it('that fails before its first chunk fails the call, after it the stream', async () => {
    await expect(
      // biome-ignore lint/correctness/useYield: it fails before it can.
      stream(async function* () {
        throw new Error('at once');
      }),
    ).rejects.toMatchObject({ code: 'upstream_failed' });
    const result = await stream(async function* () {
      yield 1;
      throw new Error('hush');
    });
    expect(await textOf(result.body as Readable)).not.toContain('hush');
    expect(kinds(await result.finished)).toEqual(['upstream_invalid']);
  });

  it('is told when the caller leaves', async () => {
    let told = () => {};
    const left = new Promise<void>((resolve) => {
      told = resolve;
    });
    const result = await stream(async function* (_request: unknown, { signal }: { signal: AbortSignal }) {
      yield 1;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      told();
    } as unknown as ServiceDefinition['execute']);
    const body = result.body as Readable;
    await new Promise((resolve) => body.once('data', resolve));
    body.destroy();
    await left;
    expect(kinds(await result.finished)).toEqual(['aborted']);
  });

  it('that writes faster than it is read waits, and loses nothing', async () => {
    const chunk = 'x'.repeat(10_000);
    const result = await stream(async function* () {
      for (let i = 0; i < 300; i += 1) yield chunk;
    });
    const text = await textOf(result.body as Readable);
    expect(text.length).toBe(300 * (chunk.length + 'data: ""\n\n'.length) + 'data: [DONE]\n\n'.length);
  });
});
