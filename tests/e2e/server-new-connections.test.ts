import { Pool } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';

const busyConnections = 64;
const newConnections = 32;

let caio: Running;
beforeAll(async () => {
  caio = await startServer();
  for (const id of ['alpha', 'beta', 'gamma']) {
    await caio.call('POST', '/api/v1/services', { key: 'register', body: wireContract(id) });
  }
});
afterAll(() => caio.close());

async function decide(pool: Pool): Promise<void> {
  const answer = await pool.request({
    method: 'POST',
    path: '/api/v1/route',
    headers: { authorization: `Bearer ${caio.keys.decide}`, 'content-type': 'application/json' },
    body: JSON.stringify(chatRequest),
  });
  expect(answer.statusCode, await answer.body.text()).toBe(200);
}

it('who connects to a server that is busy is answered before the busy connections had many turns', async () => {
  const pool = new Pool(caio.url, { connections: busyConnections, pipelining: 1 });
  let answers = 0;
  let over = false;
  let warm = (): void => undefined;
  const warmed = new Promise<void>((resolve) => {
    warm = resolve;
  });
  const busy = Promise.all(
    Array.from({ length: busyConnections }, async () => {
      while (!over) {
        await decide(pool);
        answers += 1;
        if (answers === 4 * busyConnections) warm();
      }
    }),
  );
  await Promise.race([warmed, busy]);

  const before = answers;
  const newcomers = new Pool(caio.url, { connections: newConnections, pipelining: 1 });
  await Promise.all(Array.from({ length: newConnections }, () => decide(newcomers)));
  const meanwhile = answers - before;
  over = true;
  await busy;
  await pool.close();
  await newcomers.close();
  console.log(
    `${meanwhile} answers to ${busyConnections} connections while ${newConnections} others connected and were answered`,
  );
  // One connection a round of the event loop, and all busy ones in it, would be about 32 × 64 / 2.
  expect(meanwhile).toBeLessThan(8 * busyConnections);
});
