import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Promised } from '../contracts/certificate.js';
import type { Contract } from '../contracts/contract.js';
import { loadContract } from './contract-source.js';
import type { DocumentSource } from './document-source.js';
import { formatEvent } from './event-stream.js';
import { storeReceipt } from './receipt-folder.js';
import { checkResultKey, ResultSigner, saltHeader, signatureHeader } from './result-signer.js';
import {
  PayloadRefused,
  parseServiceRequest,
  type ServiceAnswer,
  type ServiceRequest,
  type Verdict,
} from './service-protocol.js';

export interface ServiceDefinition {
  /** A path of a YAML or JSON file, the text itself, or the wire form as an object. */
  readonly contract: DocumentSource;
  /**
   * Does the work. A whole answer, or an async iterable of JSON values: one chunk of the stream each (collected into a
   * list when the caller wants no stream). `signal` aborts when CAIO is gone: its deadline passed or the caller left.
   */
  execute(
    request: ServiceRequest,
    context: { readonly signal: AbortSignal },
  ): Promise<ServiceAnswer> | ServiceAnswer | AsyncIterable<unknown>;
  /** Asked before every execution whether the promise can be kept now; if not, CAIO gets 503 and may fall back. */
  verifyGuarantees?(promise: Promised, contract: Contract): Promise<Verdict> | Verdict;
  /** Asked by GET /health; healthy when absent. */
  health?(): Promise<Verdict> | Verdict;
  /**
   * Given the receipt of each call that carries one, before it is executed: a text to keep word for word (`caio receipts check` holds it against the
   * log). What it throws fails the call.
   */
  onReceipt?(receipt: string, request: ServiceRequest): Promise<void> | void;
  /** A folder in which receipts are kept, a file each. */
  readonly receipts?: string;
  /** Refuse calls that do not carry `authorization: Bearer …` with this. */
  readonly secret?: string;
  /** Ed25519 private key with which answers are signed; its public part is `api.result_key` of the contract (`resultKeyOf`). */
  readonly resultKey?: KeyObject;
}

export interface Service {
  readonly contract: Contract;
  /** Default: the host 127.0.0.1, and the port of the contract's URL. Port 0 takes a free one. */
  listen(address?: { readonly port?: number; readonly host?: string }): Promise<{ readonly url: string }>;
  /** Waits for the executions under way; further calls are refused. */
  close(): Promise<void>;
}

const maxBodyBytes = 8 * 2 ** 20;

/**
 * A service that speaks the CAIO service protocol over HTTP: POST /v1/execute, GET /health, GET /v1/contract.
 * Throws an InvalidContract with every problem when the contract is not valid, a TypeError when `resultKey` is not the contract's.
 */
export function defineService(definition: ServiceDefinition): Service {
  const { contract, text } = loadContract(definition.contract);
  if (definition.resultKey !== undefined) checkResultKey(contract.api.result_key, definition.resultKey);
  const server = createServer((request, response) => {
    answer(definition, contract, text, request, response).catch(() => {
      // What was thrown may hold the payload: nothing of it is told.
      if (response.headersSent) response.destroy();
      else problem(response, 500, 'the service failed');
    });
  });
  return {
    contract,
    listen: (address = {}) => listen(server, contract, address),
    close: async () => {
      if (!server.listening) return;
      server.close();
      server.closeIdleConnections();
      await once(server, 'close');
    },
  };
}

async function listen(
  server: Server,
  contract: Contract,
  { port = portOf(contract.api.url), host = '127.0.0.1' }: { readonly port?: number; readonly host?: string },
): Promise<{ readonly url: string }> {
  server.listen(port, host);
  await once(server, 'listening');
  const bound = server.address() as AddressInfo;
  const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return { url: `http://${name}:${bound.port}` };
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

async function answer(
  definition: ServiceDefinition,
  contract: Contract,
  contractText: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const route = `${request.method} ${request.url?.split('?')[0]}`;
  switch (route) {
    case 'GET /health': {
      const { holds } = (await definition.health?.()) ?? { holds: true };
      const status = holds ? 'ok' : 'failing';
      return json(response, holds ? 200 : 503, { status, service: contract.id, version: contract.version });
    }
    case 'GET /v1/contract':
      response.writeHead(200, { 'content-type': 'application/yaml' }).end(contractText);
      return;
    case 'POST /v1/execute':
      return executeCall(definition, contract, request, response);
    default:
      return problem(response, 404, 'there is nothing of that name');
  }
}

async function executeCall(
  definition: ServiceDefinition,
  contract: Contract,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (definition.secret !== undefined && !carries(request, definition.secret)) {
    return problem(response, 401, 'the call does not carry the secret');
  }
  const text = await readBody(request);
  if (text === undefined) return problem(response, 413, `the body is larger than ${maxBodyBytes} bytes`);
  const call = parseServiceRequest(text);
  if (typeof call === 'string') return problem(response, 400, call);

  const salt = request.headers[saltHeader];
  const signer = ResultSigner.of(definition.resultKey, call.decisionId, salt);
  await keepReceipt(definition, call, request);
  const verdict = await definition.verifyGuarantees?.(call.promise, contract);
  if (verdict?.holds === false) {
    return problem(response, 503, verdict.reason ?? 'the promise cannot be kept now');
  }
  const left = new AbortController();
  response.on('close', () => left.abort());
  try {
    const answered = definition.execute(call, { signal: left.signal });
    if (!isIterable(answered)) return json(response, 200, await answered, signer);
    if (call.stream) return await streamChunks(answered, response, left.signal, signer);
    return json(response, 200, { result: await collect(answered) }, signer);
  } catch (error) {
    if (error instanceof PayloadRefused && !response.headersSent)
      return problem(response, 422, error.message, signer);
    throw error;
  }
}

async function keepReceipt(
  { onReceipt, receipts }: ServiceDefinition,
  call: ServiceRequest,
  request: IncomingMessage,
): Promise<void> {
  const header = request.headers['x-caio-receipt'];
  if (typeof header !== 'string') return;
  const receipt = Buffer.from(header, 'base64').toString('utf8');
  if (receipts !== undefined) await storeReceipt(receipts, receipt);
  await onReceipt?.(receipt, call);
}

/** The head leaves with the first chunk, so that a failure before it is still an answer of its own. */
async function streamChunks(
  chunks: AsyncIterable<unknown>,
  response: ServerResponse,
  left: AbortSignal,
  signer: ResultSigner | undefined,
): Promise<void> {
  const open = () => {
    if (response.headersSent) return;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      ...(signer === undefined ? {} : { trailer: signatureHeader }),
    });
  };
  const write = (event: string): boolean => {
    open();
    signer?.update(event);
    return response.write(event);
  };
  const closed = once(response, 'close');
  try {
    for await (const chunk of chunks) {
      if (left.aborted) return;
      if (!write(formatEvent(JSON.stringify(chunk ?? null)))) {
        // 'close' comes in place of 'drain' when CAIO leaves.
        await Promise.race([once(response, 'drain'), closed]);
      }
    }
  } catch (error) {
    if (!response.headersSent) throw error;
    write(formatEvent(JSON.stringify({ error: { message: 'the service failed in mid-stream' } }), 'error'));
  }
  write(formatEvent('[DONE]'));
  if (signer !== undefined) response.addTrailers(signer.header());
  response.end();
}

async function collect(chunks: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    // The rest is read and dropped: closing now could lose the answer that says why.
    if (size <= maxBodyBytes) parts.push(part as Buffer);
    else parts.length = 0;
  }
  return size > maxBodyBytes ? undefined : Buffer.concat(parts).toString('utf8');
}

function carries(request: IncomingMessage, secret: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${secret}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function isIterable(answered: object): answered is AsyncIterable<unknown> {
  return Symbol.asyncIterator in answered;
}

function json(response: ServerResponse, status: number, value: unknown, signer?: ResultSigner): void {
  whole(response, status, 'application/json', value, signer);
}

/** RFC 9457. */
function problem(response: ServerResponse, status: number, detail: string, signer?: ResultSigner): void {
  whole(response, status, 'application/problem+json', { status, title: detail }, signer);
}

function whole(
  response: ServerResponse,
  status: number,
  contentType: string,
  value: unknown,
  signer: ResultSigner | undefined,
): void {
  const text = JSON.stringify(value);
  signer?.update(text);
  response.writeHead(status, { 'content-type': contentType, ...signer?.header() }).end(text);
}
