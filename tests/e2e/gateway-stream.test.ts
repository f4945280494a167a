import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '../../src/contracts/contract.js';
import { type Answered, executeDecision } from '../../src/gateway/execution.js';
import { Bench, callOf, decidedChain, json, kinds } from './gateway-bench.js';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

const openai = (url: string): Api => ({ protocol: 'openai', url: `${url}/v1`, model: 'upstream-model' });
const caio = (url: string): Api => ({ protocol: 'caio', url });
const eventStream = { 'content-type': 'text/event-stream; charset=utf-8' };

async function stream(
  apis: readonly Api[],
  options = {},
  signal = new AbortController().signal,
): Promise<Answered> {
  const result = await executeDecision(
    decidedChain(apis, options),
    callOf({ model: 'caio:chat', messages: [] }, true, signal),
    bench.ports(),
  );
  if (result.kind !== 'answered') throw result.fault;
  return result;
}

async function bytesOf(body: Answered['body']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body as Readable) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('a stream', () => {
  it('arrives byte for byte, wherever the service cuts its chunks', async () => {
    const seed = 20261123;
    let cases = 0;
    let upstream: Buffer[] = [];
    const service = await bench.service((_, response) => {
      response.writeHead(200, eventStream);
      for (const chunk of upstream) response.write(chunk);
      response.end();
    });
    const anyChunks = fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 40_000 }), fc.array(fc.nat(40_000), { maxLength: 12 }))
      .map(([bytes, cuts]) => {
        const at = [0, ...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b);
        return at.slice(1).map((end, i) => Buffer.from(bytes.subarray(at[i], end)));
      });
    await fc.assert(
      fc.asyncProperty(anyChunks, async (chunks) => {
        cases += 1;
        upstream = chunks.filter((chunk) => chunk.length > 0);
        const result = await stream([openai(service.url)]);
        expect((await bytesOf(result.body)).equals(Buffer.concat(upstream))).toBe(true);
        expect(kinds(await result.finished)).toEqual(['answered']);
      }),
      { numRuns: 60, seed },
    );
    console.log(`byte-exact streams: ${cases} cases, seed ${seed}`);
    expect(cases).toBeGreaterThanOrEqual(60);
  });

  it('reaches the caller while the service still speaks', async () => {
    let finish = () => {};
    const service = await bench.service((_, response) => {
      response.writeHead(200, eventStream);
      response.write('data: {"n":1}\n\n');
      finish = () =>
        response.end('data: {"usage":{"prompt_tokens":7,"completion_tokens":2}}\n\ndata: [DONE]\n\n');
    });
    const result = await stream([openai(service.url)]);
    const body = result.body as Readable;
    const first = await new Promise<Buffer>((resolve) => body.once('data', resolve));
    expect(first.toString()).toBe('data: {"n":1}\n\n');
    expect(bench.ledger.outcomes).toHaveLength(0);
    finish();
    await finished(body.resume());
    const [attempt] = await result.finished;
    expect(attempt?.outcome).toMatchObject({
      kind: 'answered',
      usage: { input_tokens: 7, output_tokens: 2 },
    });
    expect(bench.ledger.outcomes).toHaveLength(1);
  });

  it('asks for plain bytes and replaces the model alone', async () => {
    const service = await bench.service((_, response) => {
      response.writeHead(200, eventStream).end('data: [DONE]\n\n');
    });
    const result = await stream([openai(service.url)]);
    await bytesOf(result.body);
    const seen = service.seen[0];
    expect(seen).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
    expect(seen?.headers['accept-encoding']).toBe('identity');
    expect(Object.keys(seen?.headers ?? {}).filter((name) => name.startsWith('x-caio'))).toEqual([]);
    expect(JSON.parse(seen?.body ?? '')).toEqual({ model: 'upstream-model', messages: [], stream: true });
  });

  it('that the caller leaves is aborted upstream, 50 of 50 times, by signal or by closing the body', async () => {
    let aborted = 0;
    let allAborted = () => {};
    const all = new Promise<void>((resolve) => {
      allAborted = resolve;
    });
    const service = await bench.service((_, response) => {
      response.writeHead(200, eventStream);
      response.write('data: first\n\n');
      // And silence: nothing but the abort can end this call.
    });
    service.onAborted = () => {
      aborted += 1;
      if (aborted === 50) allAborted();
    };
    const leave = async (i: number) => {
      const controller = new AbortController();
      const result = await stream([openai(service.url)], {}, controller.signal);
      const body = result.body as Readable;
      await new Promise((resolve) => body.once('data', resolve));
      if (i % 2 === 0) controller.abort();
      else body.destroy();
      return kinds(await result.finished);
    };
    const ends = await Promise.all(Array.from({ length: 50 }, (_, i) => leave(i)));
    await all;
    expect([service.seen.length, service.aborted]).toEqual([50, 50]);
    expect(ends).toEqual(Array.from({ length: 50 }, () => ['aborted']));
  });

  it('that the caller leaves before the first byte is aborted upstream and tries nobody else', async () => {
    const controller = new AbortController();
    const service = await bench.service(() => controller.abort());
    const left = new Promise<void>((resolve) => {
      service.onAborted = resolve;
    });
    const other = await bench.service((_, response) => json(response, { result: 1 }));
    const result = await executeDecision(
      decidedChain([caio(service.url), caio(other.url)]),
      callOf({}, true, controller.signal),
      bench.ports(),
    );
    await left;
    expect(result).toMatchObject({ kind: 'failed', fault: { code: 'caller_gone' } });
    expect(kinds(result.attempts)).toEqual(['aborted']);
    expect(other.seen).toHaveLength(0);
  });

  it('of a service that dies in mid-stream ends in an error and never in another service', async () => {
    const other = await bench.service((_, response) =>
      response.writeHead(200, eventStream).end('data: 2\n\n'),
    );
    const service = await bench.service((_, response) => {
      response.writeHead(200, eventStream);
      response.write('data: 1\n\n', () => response.destroy());
    });
    const result = await stream([openai(service.url), openai(other.url)]);
    await expect(bytesOf(result.body)).rejects.toMatchObject({ code: 'upstream_failed' });
    const [attempt] = await result.finished;
    expect(attempt?.outcome).toMatchObject({ kind: 'failed', code: 'upstream_failed', begun: true });
    expect(other.seen).toHaveLength(0);
  });

  it('that dies or is empty before its first byte falls back', async () => {
    const other = await bench.service((_, response) =>
      response.writeHead(200, eventStream).end('data: 2\n\n'),
    );
    const dying = await bench.service((_, response) => {
      response.writeHead(200, eventStream).flushHeaders();
      response.destroy();
    });
    const empty = await bench.service((_, response) => response.writeHead(200, eventStream).end());
    const result = await stream([openai(dying.url), openai(empty.url), openai(other.url)]);
    expect((await bytesOf(result.body)).toString()).toBe('data: 2\n\n');
    expect(kinds(await result.finished)).toEqual(['upstream_failed', 'upstream_invalid', 'answered']);
  });

  it('is cut off at the deadline of the execution, not at that of the attempt once it has begun', async () => {
    const service = await bench.service((_, response) => {
      response.writeHead(200, eventStream);
      response.write('data: 1\n\n');
    });
    const result = await stream([openai(service.url), openai(service.url)], {
      deadlineMicros: 150_000,
      fallbackMicros: 40_000,
    });
    await expect(bytesOf(result.body)).rejects.toMatchObject({ code: 'upstream_timeout' });
    const [attempt] = await result.finished;
    expect(attempt?.outcome).toMatchObject({ kind: 'failed', code: 'upstream_timeout', begun: true });
    expect(attempt?.outcome.latencyMicros).toBeGreaterThan(40_000);
    expect(service.seen).toHaveLength(1);
  });

  it('that grows beyond its limit is cut off', async () => {
    const service = await bench.service((_, response) => {
      response.writeHead(200, eventStream);
      const timer = setInterval(() => response.write(`data: ${'x'.repeat(1_000)}\n\n`), 1);
      response.on('close', () => clearInterval(timer));
    });
    const result = await executeDecision(
      decidedChain([openai(service.url)]),
      callOf({}, true),
      bench.ports(),
      { wholeBytes: 4_096, streamBytes: 4_096 },
    );
    if (result.kind !== 'answered') throw result.fault;
    await expect(bytesOf(result.body)).rejects.toMatchObject({ code: 'upstream_invalid' });
  });

  it('of a CAIO service counts as answered only with its end mark', async () => {
    const ends = {
      'data: 1\n\ndata: [DONE]\n\n': 'answered',
      'data: 1\n\nevent: usage\ndata: {"usage":{"input_tokens":1}}\n\ndata: [DONE]\n\n': 'answered',
      'data: 1\n\n': 'upstream_invalid',
      'data: 1\n\nevent: error\ndata: {"message":"no"}\n\ndata: [DONE]\n\n': 'upstream_invalid',
    };
    for (const [text, expected] of Object.entries(ends)) {
      const service = await bench.service((_, response) => response.writeHead(200, eventStream).end(text));
      const result = await stream([caio(service.url)]);
      expect((await bytesOf(result.body)).toString()).toBe(text);
      expect(kinds(await result.finished)).toEqual([expected]);
    }
  });

  it('may be answered whole', async () => {
    const service = await bench.service((_, response) => json(response, { result: [1] }));
    const result = await stream([caio(service.url)]);
    expect(Buffer.from(result.body as Uint8Array).toString()).toBe('[1]');
  });
});
