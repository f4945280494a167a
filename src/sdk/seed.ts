import { randomInt } from 'node:crypto';
import type { WireRequestDocument } from '../contracts/wire.js';

/**
 * The body with a seed in it: the caller's own, else 47 random bits (all that `randomInt` draws at once). Drawn here, the
 * server cannot choose between equals, and the certificate lists the seed as opened instead of attested.
 */
export function withSeed(body: WireRequestDocument): WireRequestDocument {
  if (body.request.seed !== undefined) return body;
  return { ...body, request: { ...body.request, seed: randomInt(0, 2 ** 47) } };
}
