import type { Caller } from '../../src/contracts/caller.js';
import type { Parameters } from '../../src/contracts/parameters.js';
import { drawNumber } from './drawn-numbers.js';
import type { Random } from './random.js';
import type { Vocabulary } from './vocabulary.js';

/** A caller and an instant: its credential mostly holds then, at the edges of its validity often enough. */
export function drawCaller(
  random: Random,
  words: Vocabulary,
  { authentication }: Parameters,
): { readonly caller: Caller; readonly time: number } {
  const wrong = () => random.chance(0.015);
  const one = <T>(accepted: readonly T[], other: T) =>
    wrong() || accepted.length === 0 ? other : random.pick(accepted);
  const start = drawNumber(random, 0, 2 ** 51);
  const length = drawNumber(random, 1, 2 ** 51);
  const caller: Caller = {
    method: one(authentication.methods, random.pick(['api_key', 'jwt', 'local'] as const)),
    issuer: one(authentication.issuers, 'someone else'),
    audience: wrong() ? 'another' : authentication.audience,
    key_id: random.pick(['k-1', 'k-2', '\u{1f511}']),
    not_before: start,
    expires: start + length,
    tenant: random.pick(words.tenants),
    permissions: random.some(words.permissions, 0.75),
    trust_level: random.integer(0, 10),
  };
  return { caller, time: drawTime(random, caller, wrong) };
}

function drawTime(random: Random, { not_before, expires }: Caller, wrong: () => boolean): number {
  if (wrong()) return not_before - random.pick([1, 1, 1_000]);
  if (wrong()) return expires + random.pick([0, 0, 1, 1_000]);
  return random.pick([not_before, expires - 1, random.integer(not_before, expires - 1)]);
}
