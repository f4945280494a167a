/** What a witness remembers: of each log the checkpoint that it cosigned last, as a signed note. */
export interface WitnessStore {
  read(origin: string): Promise<string | undefined>;
  /**
   * Puts `next` in the place of `expected` (`undefined`: nothing was there), atomically and durably before it resolves; `false` when something else is
   * there, and nothing was written then. Of two that expect the same at most one succeeds, across processes too.
   */
  replace(origin: string, expected: string | undefined, next: string): Promise<boolean>;
}
