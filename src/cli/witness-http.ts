import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Fault } from '../kernel/errors.js';
import type { Witness } from '../witness/witness.js';

/** A checkpoint with its proof and a hundred signatures has a quarter of that. */
const maxBodyBytes = 64 * 1024;
const requestMillis = 10_000;

/** One line a submission, and a fault of the store with it. */
export type WitnessLog = (line: { readonly status: number; readonly fault?: string }) => void;

/** `POST /add-checkpoint` and nothing else. Nothing listens yet. */
export function witnessServer(witness: Witness, log: WitnessLog): Server {
  const server = createServer((request, response) => {
    answer(witness, request, response).then(
      (status) => log({ status }),
      (cause: unknown) => {
        // Nothing was cosigned, and nothing is known of whether it was remembered: the log asks again and is told.
        send(response, 503, 'the witness cannot remember it now\n', { 'retry-after': '1' });
        log({ status: 503, fault: cause instanceof Fault ? cause.message : String(cause) });
      },
    );
  });
  server.requestTimeout = requestMillis;
  server.headersTimeout = requestMillis;
  return server;
}

async function answer(witness: Witness, request: IncomingMessage, response: ServerResponse): Promise<number> {
  if (request.url?.split('?')[0] !== '/add-checkpoint') {
    return send(response, 404, 'POST /add-checkpoint is all there is\n');
  }
  if (request.method !== 'POST') return send(response, 405, 'POST it\n', { allow: 'POST' });
  const body = await bodyOf(request);
  if (body === undefined) {
    return send(response, 413, `more than ${maxBodyBytes} bytes\n`, { connection: 'close' });
  }
  const { status, type, body: text } = await witness.addCheckpoint(body);
  return send(response, status, text, { 'content-type': type });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > maxBodyBytes) return undefined;
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  headers: { readonly [name: string]: string } = {},
): number {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(text);
  return status;
}
