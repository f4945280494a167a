import type { Hmac } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import { Fault } from '../kernel/errors.js';
import type { Cutoff } from './cutoff.js';
import { upstreamFault } from './upstream-fault.js';

export interface AnswerLimits {
  /** Of an answer that is held in memory. */
  readonly wholeBytes: number;
  /** Of an answer that is streamed through. */
  readonly streamBytes: number;
}

export const defaultAnswerLimits: AnswerLimits = { wholeBytes: 8 * 2 ** 20, streamBytes: 256 * 2 ** 20 };

const tailBytes = 16_384;

/** The whole of `body`. Throws a Fault when it breaks, is cut off, or is larger than `mostBytes`. */
export async function readWhole(body: Readable, mostBytes: number, service: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += (chunk as Buffer).length;
      if (size > mostBytes) throw oversized(mostBytes, service);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw upstreamFault(error, service);
  }
  return Buffer.concat(chunks, size);
}

/** How a stream ended: all of it passed on, broken by the service or a deadline, or left by its reader. */
type StreamEnd =
  | { readonly kind: 'complete'; readonly tail: Buffer }
  | { readonly kind: 'broken'; readonly fault: Fault }
  | { readonly kind: 'left' };

/**
 * `body` byte for byte, counted and bounded. Destroying it (the reader left) destroys `body` and so aborts the upstream call
 * at once, also while no chunk is under way. Chunks are kept as they came; memory is one chunk and a tail of 16 KiB.
 */
export class PassedBody extends Transform {
  readonly ended: Promise<StreamEnd>;
  bytes = 0;
  #tail: Buffer[] = [];
  #tailSize = 0;
  readonly #mostBytes: number;
  readonly #service: string;
  readonly #commitment: Hmac | undefined;

  /** `commitment` takes in every byte that passes. */
  constructor(body: Readable, mostBytes: number, service: string, cutoff: Cutoff, commitment?: Hmac) {
    super();
    this.#commitment = commitment;
    this.#mostBytes = mostBytes;
    this.#service = service;
    body.on('error', (error) => this.destroy(upstreamFault(error, service)));
    // A body that is destroyed without an error or an end would else leave the reader waiting.
    body.on('close', () => {
      if (!body.readableEnded) this.destroy(cutoff.fault ?? upstreamFault(undefined, service));
    });
    this.ended = new Promise((resolve) => {
      this.once('close', () => {
        body.destroy();
        resolve(this.#end());
      });
    });
    // Until a reader listens, a broken stream must not become an uncaught error; readers still get it.
    this.on('error', () => {});
    body.pipe(this);
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: Error | null, chunk?: Buffer) => void,
  ) {
    this.bytes += chunk.length;
    if (this.bytes > this.#mostBytes) return done(oversized(this.#mostBytes, this.#service));
    this.#commitment?.update(chunk);
    this.#remember(chunk);
    done(null, chunk);
  }

  #remember(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#tailSize += chunk.length;
    while (this.#tail.length > 1 && this.#tailSize - (this.#tail[0]?.length ?? 0) >= tailBytes) {
      this.#tailSize -= this.#tail.shift()?.length ?? 0;
    }
  }

  #end(): StreamEnd {
    if (this.readableEnded) return { kind: 'complete', tail: Buffer.concat(this.#tail).subarray(-tailBytes) };
    // Whatever is not a Fault of ours was given to destroy() by the reader.
    const fault = this.errored instanceof Fault ? this.errored : undefined;
    return fault === undefined || fault.code === 'caller_gone' ? { kind: 'left' } : { kind: 'broken', fault };
  }
}

function oversized(mostBytes: number, service: string): Fault {
  return new Fault('upstream_invalid', `the answer is larger than ${mostBytes} bytes`, {
    retryable: false,
    subject: service,
  });
}
