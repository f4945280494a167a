import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeBase64 } from '../../src/kernel/base64.js';
import { parseVerifierKey, verifyEd25519 } from '../../src/kernel/verifier-key.js';
import { defineService, resultKeyOf, type Service } from '../../src/sdk/index.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';

const key = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
const services: Service[] = [];
let caio: Running;

beforeEach(async () => {
  caio = await startServer();
});
afterEach(async () => {
  await caio.close();
  await Promise.all(services.splice(0).map((service) => service.close()));
});

async function register(resultKey: string | undefined, url: string): Promise<void> {
  const api = { protocol: 'caio', url, ...(resultKey === undefined ? {} : { result_key: resultKey }) };
  const answer = await caio.call('POST', '/api/v1/services', {
    key: 'register',
    body: wireContract('a', { api }),
  });
  expect(answer.status, answer.text).toBe(201);
}

async function* words(): AsyncGenerator<string> {
  yield 'one';
  yield 'two';
}

/** A service that signs with its key. */
async function startSigner(signedWith: KeyObject): Promise<string> {
  const api = { protocol: 'caio', url: 'http://127.0.0.1:9', result_key: resultKeyOf('a', signedWith) };
  const service = defineService({
    contract: wireContract('a', { api }),
    execute: ({ stream }) => (stream ? words() : { result: 'whole' }),
    resultKey: signedWith,
  });
  services.push(service);
  return (await service.listen({ port: 0 })).url;
}

/** What the log says of the answer, once it does. */
async function resultOf(decision: string) {
  const read = async () => (await caio.call('GET', `/api/v1/traces/${decision}`, { key: 'execute' })).body;
  await expect.poll(async () => (await read()).events.length).toBe(1);
  const { events, openings } = await read();
  return { result: events[0].result, salt: Buffer.from(openings['result.0'], 'hex') };
}

async function orchestrate(stream: boolean) {
  const body = { ...chatRequest, stream };
  const answer = await caio.call('POST', '/api/v1/orchestrate', { key: 'execute', body });
  expect(answer.status, answer.text).toBe(200);
  return { text: answer.text, ...(await resultOf(answer.headers.get('x-caio-decision-id') ?? '')), answer };
}

describe('the signature of a result', () => {
  it.each([false, true])('is recorded when it is the service’s own (streamed: %s)', async (stream) => {
    const own = key();
    await register(resultKeyOf('a', own), await startSigner(own));
    const { text, result, salt, answer } = await orchestrate(stream);
    const sent = stream ? text : '{"result":"whole"}';
    expect(result.commitment).toBe(createHmac('sha256', salt).update(sent).digest('hex'));
    const parsed = parseVerifierKey(resultKeyOf('a', own));
    if (!parsed.ok) throw new Error(parsed.error.message);
    const decision = answer.headers.get('x-caio-decision-id');
    const signed = Buffer.from(`caio/result/v1\n${decision}\n${result.commitment}\n`);
    const signature = decodeBase64(result.signature) as Uint8Array;
    expect(verifyEd25519(parsed.value.publicKey, signed, signature)).toBe(true);
  });

  it.each([false, true])(
    'of another key is recorded as refused, and not repeated (streamed: %s)',
    async (stream) => {
      await register(resultKeyOf('a', key()), await startSigner(key()));
      const { result } = await orchestrate(stream);
      expect(result).toEqual({ commitment: expect.any(String), signature_refused: true });
    },
  );

  it('is asked for only where the contract names a key: nobody else gets the salt', async () => {
    const own = key();
    await register(undefined, await startSigner(own));
    const { result } = await orchestrate(false);
    expect(result).toEqual({ commitment: expect.any(String) });
  });

  it('that is no signature at all is refused', async () => {
    const server = createServer((request, response) => {
      expect(request.headers['x-caio-result-salt']).toMatch(/^[0-9a-f]{64}$/);
      response.setHeader('x-caio-result-signature', 'mine');
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"result":1}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await register(resultKeyOf('a', key()), `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const { result } = await orchestrate(false);
    expect(result).toEqual({ commitment: expect.any(String), signature_refused: true });
    server.close();
    server.closeAllConnections();
  });

  it('is a service’s to make only with the key of its contract', () => {
    const contract = (resultKey?: string) =>
      wireContract('a', {
        api: {
          protocol: 'caio',
          url: 'http://127.0.0.1:9',
          ...(resultKey === undefined ? {} : { result_key: resultKey }),
        },
      });
    const execute = () => ({ result: 1 });
    expect(() => defineService({ contract: contract(), execute, resultKey: key() })).toThrow(
      /no api.result_key/,
    );
    const other = contract(resultKeyOf('a', key()));
    expect(() => defineService({ contract: other, execute, resultKey: key() })).toThrow(
      /not that of api.result_key/,
    );
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(() => resultKeyOf('a', rsa)).toThrow(/Ed25519/);
    expect(() => resultKeyOf('a b', key())).toThrow(/key name/);
  });
});
