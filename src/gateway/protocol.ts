import type { Certificate, Routed } from '../contracts/certificate.js';
import type { Contract } from '../contracts/contract.js';
import type { Result } from '../kernel/result.js';
import type { Usage } from './port.js';

/** How a service is spoken to. Nothing here sends: a protocol turns a call into a message, and an answer into its meaning. */
export interface Protocol {
  /** The message for this service, or why the payload cannot be put into one (then nothing is sent). */
  encode(message: Message): Result<UpstreamRequest, string>;
  /** What a 2xx answer means, or in which way it is out of protocol. */
  decode(answer: UpstreamAnswer): Result<Decoded, string>;
}

export interface Message {
  readonly contract: Contract;
  readonly certificate: Certificate;
  readonly promise: Routed['promise'];
  readonly payload: unknown;
  readonly stream: boolean;
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
}

export interface UpstreamAnswer {
  readonly contentType: string;
  /** The whole answer; of a stream its last 16 KiB, after all of it was passed on. */
  readonly bytes: Buffer;
  readonly streamed: boolean;
}

export interface Decoded {
  /** What the caller gets; of a stream nothing more. */
  readonly body: Uint8Array;
  readonly usage?: Usage;
}
