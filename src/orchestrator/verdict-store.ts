import type { CompiledRule } from '../rules/policy.js';
import { RuleVerdicts } from './rule-verdicts.js';

/** How many different values of what a rule reads beside the service are remembered; the one longest not asked for is forgotten. */
const mostKept = 8;
/** Replaced positions that are carried along for verdicts nobody asked for since. */
const mostStale = 64;

interface Kept {
  readonly verdicts: RuleVerdicts;
  /** Positions whose contracts are others than when the verdicts were made. */
  readonly stale: readonly number[];
}

/**
 * The verdicts of rules over the services of one registry, kept between decisions. A verdict depends on the contract and on the values that
 * `require` reads beside it, so it is kept by rule and by those values (`readsKey`). Nothing here can change an answer.
 */
export class VerdictStore {
  private readonly size: number;
  private readonly kept: Map<CompiledRule, Map<string, Kept>>;

  constructor(size: number, kept = new Map<CompiledRule, Map<string, Kept>>()) {
    this.size = size;
    this.kept = kept;
  }

  /** The verdicts of a rule for these values, as far as they are known; they go on being filled in. */
  of(rule: CompiledRule, readsKey: string): RuleVerdicts {
    let ofRule = this.kept.get(rule);
    if (ofRule === undefined) {
      ofRule = new Map();
      this.kept.set(rule, ofRule);
    }
    const kept = ofRule.get(readsKey);
    const current =
      kept === undefined
        ? new RuleVerdicts(this.size)
        : kept.stale.length === 0
          ? kept.verdicts
          : kept.verdicts.without(kept.stale);
    // A Map keeps the order of insertion: the one last asked for goes to the end.
    ofRule.delete(readsKey);
    ofRule.set(readsKey, { verdicts: current, stale: [] });
    if (ofRule.size > mostKept) {
      const [longestUnused] = ofRule.keys();
      if (longestUnused !== undefined) ofRule.delete(longestUnused);
    }
    return current;
  }

  /** The store for a registry in which other contracts stand at `changed`, and for the rules that are loaded still. Copies no verdict. */
  after(changed: readonly number[], rules: readonly CompiledRule[]): VerdictStore {
    const kept = new Map<CompiledRule, Map<string, Kept>>();
    for (const rule of rules) {
      const ofRule = this.kept.get(rule);
      if (ofRule === undefined) continue;
      const copy = new Map<string, Kept>();
      for (const [key, { verdicts, stale }] of ofRule) {
        // A rule that nobody asks for any more must not grow with every replacement: it is evaluated anew if it comes back.
        if (stale.length + changed.length > mostStale) continue;
        copy.set(key, { verdicts, stale: changed.length === 0 ? stale : [...stale, ...changed] });
      }
      kept.set(rule, copy);
    }
    return new VerdictStore(this.size, kept);
  }
}
