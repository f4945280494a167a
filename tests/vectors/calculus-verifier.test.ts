import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { digest, type SetItem, setRoot } from '../../src/verifier/digest.js';
import type { Contract, Operator } from '../../src/verifier/documents.js';
import { reliability, sat, slack, tieBreak, totalOf } from '../../src/verifier/score.js';
import { costOf, type Tokens } from '../../src/verifier/cost.js';
import { contractCase, generator } from '../unit/verifier/cases.js';

interface KnownAnswers {
  readonly about: string;
  readonly sat: readonly { x: number; s: number; value: number }[];
  readonly slack: readonly {
    kind: 'ratio' | 'rate' | 'time';
    op: Operator;
    promise: number;
    bound: number;
    value: number;
  }[];
  readonly reliability: readonly { successes: number; trials: number; value: number }[];
  readonly cost: readonly {
    microUsdPerMillionTokens: Tokens;
    microUsdPerRequest: number;
    tokens: Tokens;
    microUsd: number;
  }[];
  readonly profilesPpm: { readonly [name: string]: readonly number[] };
  readonly total: readonly { profile: string; terms: readonly number[]; value: number }[];
  readonly tieBreak: readonly { sigma: number; requestDigest: string; id: string; digest: string }[];
  readonly setRoot: readonly { items: readonly SetItem[]; root: string }[];
}

const known = JSON.parse(
  readFileSync(new URL('./calculus.json', import.meta.url), 'utf8'),
) as KnownAnswers;

const scales = {
  cost_micro_usd: 50_000,
  latency_micros: 2_000_000,
  slack_ratio_ppm: 100_000,
  slack_time_micros: 1_000_000,
  slack_rate_micro: 10_000_000,
};

describe('the reference gives the known answers of the calculus', () => {
  it.each(known.sat)('sat($x, $s) = $value', ({ x, s, value }) => expect(sat(x, s)).toBe(value));

  it.each(known.slack)('slack of $kind $op: $promise against $bound = $value', (row) => {
    expect(slack(row.kind, row.op, row.promise, row.bound, scales)).toBe(row.value);
  });

  it.each(known.reliability)('reliability of $successes in $trials = $value', (row) => {
    expect(reliability(row)).toBe(row.value);
  });

  it.each(known.cost)('cost = $microUsd micro-USD', ({ microUsdPerMillionTokens: price, ...row }) => {
    const contract: Contract = {
      ...contractCase(generator(1), 'a'),
      cost: {
        per_request_micro_usd: row.microUsdPerRequest,
        per_million_input_tokens_micro_usd: price.input,
        per_million_output_tokens_micro_usd: price.output,
        per_million_cached_tokens_micro_usd: price.cached,
      },
    };
    expect(costOf(contract, row.tokens)).toBe(row.microUsd);
  });

  it.each(known.total)('total under $profile = $value', ({ profile, terms, value }) => {
    const weights = known.profilesPpm[profile] ?? [];
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(1_000_000);
    expect(totalOf(weights, terms)).toBe(value);
  });

  it.each(known.tieBreak)('tie-break of $id', ({ sigma, requestDigest, id, digest: expected }) => {
    expect(tieBreak(sigma, requestDigest, id)).toBe(expected);
    expect(digest('caio/tie-break/v1', [sigma, requestDigest, id])).toBe(expected);
  });

  it.each(known.setRoot)('set root $root', ({ items, root }) => {
    expect(setRoot(items)).toBe(root);
    expect(setRoot(items.toReversed())).toBe(root);
  });

  it('reads every table it claims', () => {
    const tables = [known.sat, known.slack, known.reliability, known.cost, known.total, known.tieBreak, known.setRoot];
    for (const table of tables) expect(table.length).toBeGreaterThan(3);
  });
});
