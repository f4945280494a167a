import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '../../src/contracts/contract.js';
import { executeDecision } from '../../src/gateway/execution.js';
import { Fault } from '../../src/kernel/errors.js';
import { Bench, callOf, decidedChain, json, kinds } from './gateway-bench.js';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

const caio = (url: string): Api => ({ protocol: 'caio', url });
const answering = (name: string) =>
  bench.service((_, response) => json(response, { result: { from: name }, usage: { input_tokens: 3 } }));

describe('an execution', () => {
  it('sends the CAIO service message and gives back the result alone', async () => {
    const service = await answering('a');
    const decided = decidedChain([caio(service.url)]);
    const result = await executeDecision(decided, callOf({ text: 'héllo' }), bench.ports());
    if (result.kind !== 'answered') throw result.fault;
    expect(Buffer.from(result.body as Uint8Array).toString()).toBe('{"from":"a"}');
    expect(result).toMatchObject({
      status: 200,
      rank: 0,
      protocol: 'caio',
      headers: { 'content-type': 'application/json' },
    });
    expect(result.attempts[0]?.outcome).toMatchObject({ kind: 'answered', usage: { input_tokens: 3 } });
    expect(service.seen).toHaveLength(1);
    expect(service.seen[0]).toMatchObject({ method: 'POST', path: '/v1/execute' });
    expect(JSON.parse(service.seen[0]?.body ?? '')).toEqual({
      decision_id: decided.certificate.id,
      intent: { type: 'chat' },
      payload: { text: 'héllo' },
      promise: decided.certificate.outcome.decision === 'routed' ? decided.certificate.outcome.promise : {},
      stream: false,
    });
  });

  it('has its attempt durable before the first byte arrives, for every transmission', async () => {
    const first = await bench.service((_, response) => json(response, {}, 500));
    const second = await bench.service((_, response) => json(response, {}, 503));
    const third = await answering('c');
    const result = await executeDecision(
      decidedChain([caio(first.url), caio(second.url), caio(third.url)]),
      callOf({}),
      bench.ports(),
    );
    expect(result.kind === 'answered' && result.rank).toBe(2);
    expect([first, second, third].map(({ seen }) => seen.map((one) => one.attemptsBefore))).toEqual([
      [1],
      [2],
      [3],
    ]);
    expect(bench.ledger.attempts.map(({ rank }) => rank)).toEqual([0, 1, 2]);
    expect(bench.ledger.outcomes.map(({ rank, outcome }) => [rank, outcome.kind])).toEqual([
      [0, 'failed'],
      [1, 'failed'],
      [2, 'answered'],
    ]);
  });

  it('sends nothing when the attempt cannot be recorded', async () => {
    const service = await answering('a');
    const ports = {
      ...bench.ports(),
      attempt: () => Promise.reject(new Fault('storage_failed', 'no', { retryable: true })),
    };
    await expect(executeDecision(decidedChain([caio(service.url)]), callOf({}), ports)).rejects.toMatchObject(
      {
        code: 'storage_failed',
      },
    );
    expect(service.seen).toHaveLength(0);
  });

  it('calls each service of the chain once and names the last fault when none answers', async () => {
    const first = await bench.service((_, response) => json(response, {}, 500));
    const second = await bench.service((_, response) => json(response, {}, 429));
    const result = await executeDecision(
      decidedChain([caio(first.url), caio(second.url)]),
      callOf({}),
      bench.ports(),
    );
    expect(result).toMatchObject({ kind: 'failed', fault: { code: 'upstream_failed', retryable: true } });
    expect(kinds(result.attempts)).toEqual(['upstream_failed', 'upstream_failed']);
    expect([first.seen.length, second.seen.length]).toEqual([1, 1]);
  });

  it('follows no redirect', async () => {
    const target = await answering('target');
    for (const status of [301, 302, 303, 307, 308]) {
      const service = await bench.service((_, response) => {
        response.writeHead(status, { location: `${target.url}/v1/execute` }).end();
      });
      const result = await executeDecision(decidedChain([caio(service.url)]), callOf({}), bench.ports());
      expect(result).toMatchObject({ kind: 'failed', fault: { code: 'upstream_invalid' } });
    }
    expect(target.seen).toHaveLength(0);
  });

  it('falls back from an answer that is out of protocol, too large, compressed or not HTTP', async () => {
    const bad: [string, Api][] = [];
    const add = async (name: string, handler: Parameters<Bench['service']>[0]) =>
      bad.push([name, caio((await bench.service(handler)).url)]);
    await add('no result', (_, response) => json(response, { answer: 1 }));
    await add('an array', (_, response) => json(response, [1]));
    await add('no JSON', (_, response) => response.writeHead(200).end('{"result":'));
    await add('a stream', (_, response) =>
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: 1\n\n'),
    );
    await add('compressed', (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('{"result":1}'),
    );
    await add('oversized', (_, response) => json(response, { result: 'x'.repeat(5_000) }));
    await add('endless', (_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(1_000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    const notHttp = createServer((socket: Socket) =>
      socket.on('data', () => socket.end('220 hello\r\n\r\n')),
    );
    await new Promise<void>((resolve) => notHttp.listen(0, '127.0.0.1', resolve));
    bad.push(['not HTTP', caio(`http://127.0.0.1:${(notHttp.address() as AddressInfo).port}`)]);

    const good = await answering('good');
    for (const [name, api] of bad) {
      const limits = { wholeBytes: 4_096, streamBytes: 4_096 };
      const result = await executeDecision(
        decidedChain([api, caio(good.url)]),
        callOf({}),
        bench.ports(),
        limits,
      );
      expect([name, result.kind, ...kinds(result.attempts)]).toEqual([
        name,
        'answered',
        'upstream_invalid',
        'answered',
      ]);
    }
    notHttp.close();
    expect(good.seen).toHaveLength(bad.length);
  });

  it('distinguishes a service that is not there from one that hangs up', async () => {
    const hanging = await bench.service((_, response) => response.destroy());
    const gone = await bench.service(() => {});
    await gone.close();
    const result = await executeDecision(
      decidedChain([caio(gone.url), caio(hanging.url)]),
      callOf({}),
      bench.ports(),
    );
    expect(kinds(result.attempts)).toEqual(['upstream_unreachable', 'upstream_failed']);
    expect(hanging.seen).toHaveLength(1);
  });

  it('passes on a refusal of the payload and does not ask another service', async () => {
    const other = await answering('other');
    for (const status of [400, 413, 415, 422]) {
      const service = await bench.service((_, response) => json(response, { error: 'too long' }, status));
      const result = await executeDecision(
        decidedChain([caio(service.url), caio(other.url)]),
        callOf({}),
        bench.ports(),
      );
      if (result.kind !== 'answered') throw result.fault;
      expect([result.status, Buffer.from(result.body as Uint8Array).toString()]).toEqual([
        status,
        '{"error":"too long"}',
      ]);
    }
    expect(other.seen).toHaveLength(0);
  });
});

describe('a deadline', () => {
  it('of the execution cuts the call off and aborts it upstream', async () => {
    const service = await bench.service(() => {});
    const left = new Promise<void>((resolve) => {
      service.onAborted = resolve;
    });
    const result = await executeDecision(
      decidedChain([caio(service.url)], { deadlineMicros: 60_000 }),
      callOf({}),
      bench.ports(),
    );
    await left;
    expect(result).toMatchObject({ kind: 'failed', fault: { code: 'upstream_timeout' } });
    expect(bench.ledger.outcomes).toMatchObject([{ rank: 0, outcome: { kind: 'failed', begun: false } }]);
  });

  it('of an attempt moves on to the next service, within the deadline of the execution', async () => {
    const slow = await bench.service(() => {});
    const good = await answering('good');
    const result = await executeDecision(
      decidedChain([caio(slow.url), caio(good.url)], { fallbackMicros: 50_000 }),
      callOf({}),
      bench.ports(),
    );
    expect([result.kind, ...kinds(result.attempts)]).toEqual(['answered', 'upstream_timeout', 'answered']);
  });

  it('of an attempt does not bind the last service', async () => {
    const slow = await bench.service((_, response) => {
      setTimeout(() => json(response, { result: 1 }), 120);
    });
    const result = await executeDecision(
      decidedChain([caio(slow.url)], { fallbackMicros: 30_000 }),
      callOf({}),
      bench.ports(),
    );
    expect(result.kind).toBe('answered');
  });

  it('that passes during one attempt leaves none for the next', async () => {
    const slow = await bench.service(() => {});
    const good = await answering('good');
    const result = await executeDecision(
      decidedChain([caio(slow.url), caio(good.url)], { deadlineMicros: 50_000 }),
      callOf({}),
      bench.ports(),
    );
    expect(result).toMatchObject({ kind: 'failed', fault: { code: 'upstream_timeout' } });
    expect(good.seen).toHaveLength(0);
  });
});

describe('a secret', () => {
  it('is read at the time of the call and sent as a bearer credential', async () => {
    const service = await answering('a');
    const api = { ...caio(service.url), secret: 'env:UPSTREAM_KEY' };
    for (const key of ['first-key', 'second-key']) {
      await executeDecision(decidedChain([api]), callOf({}), bench.ports({ UPSTREAM_KEY: key }));
    }
    expect(service.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first-key',
      'Bearer second-key',
    ]);
  });

  it('that is missing or unfit stops before anything is sent, and is in no error', async () => {
    const service = await answering('a');
    const values = ['', 'hush\r\nx-injected: 1', 'hush hush'];
    for (const value of values) {
      const api = { ...caio(service.url), secret: 'env:UPSTREAM_KEY' };
      const result = await executeDecision(
        decidedChain([api]),
        callOf({}),
        bench.ports({ UPSTREAM_KEY: value }),
      );
      expect(result).toMatchObject({
        kind: 'failed',
        fault: { code: 'secret_unavailable' },
        attempts: [{ rank: 0, outcome: { kind: 'not_sent', code: 'secret_unavailable' } }],
      });
      expect(JSON.stringify(result) + (result.kind === 'failed' ? result.fault.stack : '')).not.toContain(
        'hush',
      );
    }
    expect(service.seen).toHaveLength(0);
    expect(bench.ledger.attempts).toHaveLength(0);
  });

  it('is sent to no origin that it is not granted to', async () => {
    const ports = bench.ports({ UPSTREAM_KEY: 'hush' });
    const other = await answering('a');
    const api = { ...caio(other.url), secret: 'env:UPSTREAM_KEY' };
    const result = await executeDecision(decidedChain([api]), callOf({}), ports);
    expect(result).toMatchObject({ kind: 'failed', fault: { code: 'secret_unavailable' } });
    expect(other.seen).toHaveLength(0);
  });

  it('does not appear in the fault of a failed call', async () => {
    const service = await bench.service((_, response) => response.destroy());
    const api = { ...caio(service.url), secret: 'env:UPSTREAM_KEY' };
    const result = await executeDecision(decidedChain([api]), callOf({ secret: 'payload-word' }), {
      ...bench.ports({ UPSTREAM_KEY: 'hush' }),
    });
    if (result.kind !== 'failed') throw new Error('answered');
    const shown = `${JSON.stringify(bench.ledger.outcomes)} ${result.fault.stack} ${String(result.fault.cause)}`;
    expect(shown).not.toMatch(/hush|payload-word/);
  });
});
