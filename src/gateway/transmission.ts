import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Contract } from '../contracts/contract.js';
import { Fault } from '../kernel/errors.js';
import { receiptHeader } from '../log/receipt.js';
import { type AnswerLimits, PassedBody, readWhole } from './answer-body.js';
import type { Cutoff } from './cutoff.js';
import type { AnswerCommitment } from './port.js';
import type { Decoded, Protocol, UpstreamRequest } from './protocol.js';
import { commitTo, committed, saltHeader } from './result-commitment.js';
import { upstreamFault } from './upstream-fault.js';

/** One message to one service, ready to leave: encoded, its secret resolved. */
export interface Transmission {
  readonly service: string;
  readonly protocolName: Contract['api']['protocol'];
  readonly protocol: Protocol;
  readonly request: UpstreamRequest;
  readonly secret?: string;
  /** Of the attempt, for the service to keep. */
  readonly receipt?: string;
  readonly stream: boolean;
  /** The contract names a key: the service gets the salt and may sign what it answers. */
  readonly signs: boolean;
}

export type Received =
  | {
      readonly kind: 'whole';
      readonly status: number;
      readonly contentType: string;
      readonly bytes: number;
      readonly decoded: Decoded;
      readonly result?: AnswerCommitment;
    }
  | {
      readonly kind: 'stream';
      readonly contentType: string;
      readonly body: PassedBody;
      /** Of all of it: to be called once it has passed. */
      readonly result: () => AnswerCommitment | undefined;
    };

/** 4xx that blame the payload: the caller has to see them. The others blame this call (credential, address, load) and are failures. */
const payloadRefusals = new Set([400, 413, 415, 422]);

/**
 * Sends once and waits for a whole answer, or for the first bytes of a stream. Throws a Fault: unreachable, failed, invalid,
 * or what `cutoff` was aborted with. `onHead` is called when the head of the answer has come. The answer is committed to under `salt`.
 */
export async function transmit(
  transmission: Transmission,
  dispatcher: Dispatcher,
  cutoff: Cutoff,
  limits: AnswerLimits,
  salt: Uint8Array | undefined,
  onHead: () => void,
): Promise<Received> {
  const { service } = transmission;
  let answer: Dispatcher.ResponseData;
  try {
    answer = await dispatcher.request(options(transmission, salt, cutoff.signal));
  } catch (error) {
    throw cutoff.fault ?? upstreamFault(error, service);
  }
  onHead();
  try {
    return await receive(transmission, answer, cutoff, limits, salt);
  } catch (error) {
    abandon(answer.body);
    throw cutoff.fault ?? upstreamFault(error, service);
  }
}

async function receive(
  { service, protocol, stream }: Transmission,
  answer: Dispatcher.ResponseData,
  cutoff: Cutoff,
  limits: AnswerLimits,
  salt: Uint8Array | undefined,
): Promise<Received> {
  const { statusCode: status, body } = answer;
  const commitment = salt === undefined ? undefined : commitTo(salt);
  const contentType = one(answer.headers['content-type']);
  if (status >= 200 && status < 300) {
    const encoding = one(answer.headers['content-encoding']);
    if (encoding !== '' && encoding !== 'identity') {
      throw invalid(service, 'the answer is compressed, which was not accepted');
    }
    if (/^text\/event-stream\b/i.test(contentType)) {
      if (!stream) throw invalid(service, 'the service answered with a stream that was not asked for');
      const passed = new PassedBody(body, limits.streamBytes, service, cutoff, commitment);
      await firstBytes(passed, service);
      return { kind: 'stream', contentType, body: passed, result: () => committed(commitment, answer) };
    }
    const bytes = await readWhole(body, limits.wholeBytes, service);
    const decoded = protocol.decode({ contentType, bytes, streamed: false });
    if (!decoded.ok) throw invalid(service, decoded.error);
    return whole(200, contentType, bytes, decoded.value, committed(commitment?.update(bytes), answer));
  }
  if (payloadRefusals.has(status)) {
    const bytes = await readWhole(body, limits.wholeBytes, service);
    return whole(status, contentType, bytes, { body: bytes }, committed(commitment?.update(bytes), answer));
  }
  if (status >= 300 && status < 400) throw invalid(service, 'the service answered with a redirect', status);
  throw new StatusFault(service, status);
}

function whole(
  status: number,
  contentType: string,
  bytes: Buffer,
  decoded: Decoded,
  result: AnswerCommitment | undefined,
): Received {
  const answer = { kind: 'whole', status, contentType, bytes: bytes.length, decoded } as const;
  return result === undefined ? answer : { ...answer, result };
}

/** A failure that came with a status. */
export class StatusFault extends Fault {
  readonly status: number;

  constructor(service: string, status: number) {
    super('upstream_failed', `the service answered with status ${status}`, {
      retryable: status >= 500 || status === 408 || status === 429,
      subject: service,
    });
    this.status = status;
  }
}

function options(
  { request, secret, receipt, signs }: Transmission,
  salt: Uint8Array | undefined,
  signal: AbortSignal,
): Dispatcher.RequestOptions {
  return {
    origin: request.url.origin,
    path: request.url.pathname + request.url.search,
    method: request.method,
    headers: {
      ...request.headers,
      // Compressed bytes could not be passed on as they are.
      'accept-encoding': 'identity',
      'user-agent': 'caio',
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      ...(salt === undefined || !signs ? {} : { [saltHeader]: Buffer.from(salt).toString('hex') }),
      ...(receipt === undefined ? {} : { [receiptHeader]: receipt }),
    },
    body: request.body ?? null,
    signal,
  };
}

/** Resolves when there is something to read; nothing has reached the caller until then. */
function firstBytes(body: PassedBody, service: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      body.off('readable', onReadable);
      body.off('error', onError);
    };
    const onReadable = () => {
      settle();
      // At the end of an empty stream 'readable' comes too.
      if (body.readableLength > 0) resolve();
      else reject(body.errored ?? invalid(service, 'the stream is empty'));
    };
    const onError = (error: Error) => {
      settle();
      reject(error);
    };
    body.on('readable', onReadable);
    body.on('error', onError);
  });
}

/** Closes the connection instead of reading on. */
function abandon(body: Readable): void {
  body.on('error', () => {});
  body.destroy();
}

function invalid(service: string, message: string, status?: number): Fault {
  return new Fault('upstream_invalid', status === undefined ? message : `${message} (${status})`, {
    retryable: false,
    subject: service,
  });
}

function one(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
