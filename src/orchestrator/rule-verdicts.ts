import {
  addBit,
  type Bitset,
  copyBitset,
  emptyBitset,
  isSubset,
  positionsOf,
  removeBit,
  subtract,
} from '../kernel/bitset.js';

/** What a rule says of one service, once it fires. */
export type RuleVerdict = 'satisfied' | 'violated' | 'errored';

/**
 * What is known so far of one rule over all services. A service is evaluated when its verdict is first needed and never again: in a
 * decision, or for as long as the snapshot lives where the rule's `require` reads nothing but the service.
 */
export class RuleVerdicts {
  readonly violated: Bitset;
  readonly errored: Bitset;
  private readonly known: Bitset;

  constructor(
    size: number,
    earlier?: { readonly violated: Bitset; readonly errored: Bitset; readonly known: Bitset },
  ) {
    this.violated = earlier?.violated ?? emptyBitset(size);
    this.errored = earlier?.errored ?? emptyBitset(size);
    this.known = earlier?.known ?? emptyBitset(size);
  }

  /** Makes the verdicts of `among` known. One evaluation for each that was not. */
  resolve(among: Bitset, evaluate: (position: number) => RuleVerdict): void {
    if (isSubset(among, this.known)) return;
    for (const position of positionsOf(subtract(among, this.known))) {
      const verdict = evaluate(position);
      if (verdict === 'violated') addBit(this.violated, position);
      else if (verdict === 'errored') addBit(this.errored, position);
      addBit(this.known, position);
    }
  }

  /** A copy that knows nothing of the services at `positions`: their contracts are others now. */
  without(positions: readonly number[]): RuleVerdicts {
    const copies = {
      violated: copyBitset(this.violated),
      errored: copyBitset(this.errored),
      known: copyBitset(this.known),
    };
    for (const position of positions) for (const bits of Object.values(copies)) removeBit(bits, position);
    return new RuleVerdicts(copies.known.size, copies);
  }
}
