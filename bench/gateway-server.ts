/**
 * The servers of `bench/gateway.ts`: `service` (an OpenAI-compatible service that answers at once), `proxy URL` (hands every request on to URL and the
 * answer back, deciding, checking and recording nothing), `caio URL FOLDER` (ten services, all of them the one at URL, one policy, the log and the openings of
 * what is sealed in FOLDER).
 */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Pool } from 'undici';
import type { Contract } from '../src/contracts/contract.js';
import type { Policy } from '../src/contracts/policy.js';
import { lmdbThreadStorage } from '../src/log/drivers/lmdb-thread.js';
import { threadVault } from '../src/server/openings/thread-vault.js';
import { startCaio } from './caio-server.js';
import { benchState } from './decide-world.js';
import { announce } from './servers.js';

const [kind, service = '', folder = ''] = process.argv.slice(2);

const completion = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'bench',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'Certainly. '.repeat(40) }, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 90, completion_tokens: 80, total_tokens: 170 },
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const startService = () =>
  listen((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(completion);
    });
  });

function startProxy(): Promise<string> {
  const pool = new Pool(service, { connections: 128, pipelining: 1 });
  return listen(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = { 'content-type': 'application/json' };
    const body = Buffer.concat(chunks);
    const answer = await pool.request({ method: 'POST', path: request.url ?? '/', headers, body });
    response.writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type']) });
    response.end(Buffer.from(await answer.body.arrayBuffer()));
  });
}

function gatewayState() {
  const contracts = benchState(10, 10).contracts.map(
    (contract): Contract => ({
      ...contract,
      zone: 'default',
      capabilities: [{ type: 'chat', parameters: {} }],
      security: { permissions: { all: ['route'] }, trust_level: 3 },
      api: { protocol: 'openai', url: `${service}/v1`, model: 'bench' },
    }),
  );
  const rule = {
    id: 'in-transit',
    type: 'compliance',
    when: 'request.data.classification != "public"',
    require: 'service.privacy.encryption.in_transit',
    reason: 'measured',
    priority: 0,
  } as const;
  const policy: Policy = { id: 'bench', version: '1', context: {}, rules: [rule] };
  return { contracts, policies: [policy] };
}

if (kind === 'service') announce(await startService());
else if (kind === 'proxy') announce(await startProxy());
else {
  const storage = await lmdbThreadStorage(join(folder, 'log'));
  const vault = await threadVault(join(folder, 'openings'));
  const { url, key } = await startCaio(storage, gatewayState(), vault);
  announce(url, key);
}
