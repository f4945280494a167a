import { createHmac, type Hmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AnswerCommitment } from './port.js';

/** To the service: the salt of the commitment to its answer, in hex. */
export const saltHeader = 'x-caio-result-salt';
/** Back, among the headers or, of a stream, the trailers: the service's signature, in base64. */
export const signatureHeader = 'x-caio-result-signature';

/** HMAC-SHA-256 under the salt; the bytes go in as they come. */
export function commitTo(salt: Uint8Array): Hmac {
  return createHmac('sha256', salt);
}

/** The commitment to the bytes that went in, with the signature that came with them (log calculus section 3.8). */
export function committed(
  commitment: Hmac | undefined,
  answer: { readonly headers: IncomingHttpHeaders; readonly trailers: { readonly [name: string]: unknown } },
): AnswerCommitment | undefined {
  if (commitment === undefined) return undefined;
  const given = answer.headers[signatureHeader] ?? answer.trailers[signatureHeader];
  const signature = typeof given === 'string' && given !== '' ? { signature: given } : {};
  return { commitment: commitment.digest('hex'), ...signature };
}
