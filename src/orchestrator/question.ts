import type { Caller } from '../contracts/caller.js';
import { sizeLimits } from '../contracts/canonical-size.js';
import type { Contract } from '../contracts/contract.js';
import { costOfTokens } from '../contracts/cost-of-tokens.js';
import { requestDigest as digestOfRequest } from '../contracts/digests.js';
import type { Weights } from '../contracts/parameters.js';
import type { Request } from '../contracts/request.js';
import { type TokenCounts, tokenCounts } from '../contracts/token-counts.js';
import { rememberedText } from '../kernel/canonical.js';
import type { Digest } from '../kernel/digest.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { utf8Length } from '../kernel/utf8.js';
import type { Snapshot } from './snapshot.js';

/** r, c, t and σ; S is the snapshot and w is named by the request's profile. */
export interface DecisionInputs {
  /** Clear part only, as `sealRequest` made it. */
  readonly request: Request;
  /** Name of a sealed value → HMAC-SHA-256 in hex. */
  readonly commitments: { readonly [name: string]: string };
  readonly caller: Caller;
  /** t, microseconds since the epoch. */
  readonly time: number;
  readonly seed: number;
  readonly seedOrigin: 'caller' | 'server';
}

/** A valid question: what every step reads. */
export interface Question {
  readonly inputs: DecisionInputs;
  readonly snapshot: Snapshot;
  readonly requestDigest: Digest;
  readonly weights: Weights;
  readonly tokens: TokenCounts;
  /** cost(s, r) in micro-USD by position, NaN when unknown; computed once a service. */
  readonly cost: (position: number) => number;
}

/** The question, or why it is not one: a profile that the parameters do not define, a request or a caller that is too large. */
export function openQuestion(
  inputs: DecisionInputs,
  snapshot: Snapshot,
): Result<Question, readonly Problem[]> {
  const { request, caller } = inputs;
  const { parameters } = snapshot.state;
  const weights = Object.hasOwn(parameters.profiles, request.profile)
    ? parameters.profiles[request.profile]
    : undefined;
  const problems = [
    ...sizeProblems(request, caller),
    ...(weights === undefined ? [unknownProfile(request.profile, Object.keys(parameters.profiles))] : []),
  ];
  if (weights === undefined || problems.length > 0) return err(problems);
  const tokens = tokenCounts(request, parameters);
  return ok({
    inputs,
    snapshot,
    requestDigest: digestOfRequest(request),
    weights,
    tokens,
    cost: costs(snapshot.registry.contracts, tokens),
  });
}

/**
 * What of a clear request and a caller is larger than a decision admits (calculus §2). Both are written here once: what is measured is digested,
 * certified and logged next, and does not change any more.
 */
export function sizeProblems(request: Request, caller: Caller): readonly Problem[] {
  const sizes = [
    { path: '/request', most: sizeLimits.request, bytes: utf8Length(rememberedText(request)) },
    { path: '/caller', most: sizeLimits.caller, bytes: utf8Length(rememberedText(caller)) },
  ];
  return sizes
    .filter(({ bytes, most }) => bytes > most)
    .map(({ path, most, bytes }) => ({
      code: 'document_too_large',
      path,
      message: `${bytes} canonical bytes, ${most} are admitted`,
    }));
}

function unknownProfile(profile: string, defined: readonly string[]): Problem {
  return {
    code: 'unknown_profile',
    path: '/request/profile',
    message: `the parameters define no profile ${JSON.stringify(profile)}`,
    hint: `use one of ${[...defined].sort().join(', ')}`,
  };
}

function costs(contracts: readonly Contract[], tokens: TokenCounts): (position: number) => number {
  const notYet = -1;
  const known = new Float64Array(contracts.length).fill(notYet);
  return (position) => {
    let cost = known[position] as number;
    if (cost === notYet) {
      cost = costOfTokens((contracts[position] as Contract).cost, tokens) ?? Number.NaN;
      known[position] = cost;
    }
    return cost;
  };
}
