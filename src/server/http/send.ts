import { pipeline } from 'node:stream/promises';
import type { FastifyReply } from 'fastify';
import { type Answer, jsonType, type StreamAnswer } from './answer.js';
import { type Failure, problemDetails, statusOf } from './failure.js';
import { openAiError } from './openai-error.js';
import type { Route } from './route.js';

const common = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

/** Sends an answer; resolves when it has left, or when the caller has. */
export async function send(
  reply: FastifyReply,
  answer: Answer,
  surface: Route['surface'],
  instance: string,
): Promise<void> {
  const headers = { ...common, 'x-request-id': instance, ...answer.headers };
  switch (answer.kind) {
    case 'json':
      reply.code(answer.status).headers({ 'content-type': jsonType, ...headers });
      reply.send(JSON.stringify(answer.body));
      return;
    case 'raw':
      reply.code(answer.status).headers(headers);
      reply.send(answer.body);
      return;
    case 'failure':
      sendFailure(reply, answer, headers, surface, instance);
      return;
    case 'stream':
      await sendStream(reply, answer, headers);
  }
}

function sendFailure(
  reply: FastifyReply,
  failed: Failure,
  headers: { readonly [name: string]: string },
  surface: Route['surface'],
  instance: string,
): void {
  const openAi = surface === 'openai';
  const body = openAi ? openAiError(failed, instance) : problemDetails(failed, instance);
  reply.code(statusOf(failed)).headers({
    'content-type': openAi ? jsonType : 'application/problem+json',
    // RFC 9110 §15.5.2: a 401 names what would be accepted.
    ...(failed.code === 'unauthenticated' ? { 'www-authenticate': 'Bearer realm="caio"' } : {}),
    ...headers,
  });
  reply.send(JSON.stringify(body));
}

/** Past the framework, so that bytes leave as they come, and a broken body breaks the connection. */
async function sendStream(
  reply: FastifyReply,
  { status, body }: StreamAnswer,
  headers: { readonly [name: string]: string },
): Promise<void> {
  reply.hijack();
  reply.raw.writeHead(status, headers);
  reply.raw.flushHeaders();
  // Either end may break: the body destroys the socket, the caller's leaving destroys the body.
  await pipeline(body, reply.raw).catch(() => undefined);
}
