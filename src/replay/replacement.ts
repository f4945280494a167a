import type { Contract } from '../contracts/contract.js';
import type { Parameters } from '../contracts/parameters.js';
import type { Policy } from '../contracts/policy.js';
import type { State } from '../contracts/state.js';
import { compareCodePoints } from '../kernel/merkle.js';

/** What is put in the place of the policies, contracts and parameters that were; what is absent stays as it was at each decision. */
export interface Replacement {
  readonly policies?: readonly Policy[];
  readonly contracts?: readonly Contract[];
  readonly parameters?: Parameters;
  /** `in place`: they are all there is. `on top`: each replaces the one of its id, or is added; the others stay as they were. */
  readonly mode: 'in place' | 'on top';
}

/**
 * The state with the replacement in it. History, availability and `as_of` stay; rows of services that are not there any more mean nothing. The same lists
 * for the same state before, so that a snapshot can be built on the one before it.
 */
export function replacing(replacement: Replacement): (state: State) => State {
  const policies = listReplacing(replacement.policies, replacement.mode);
  const contracts = listReplacing(replacement.contracts, replacement.mode);
  return (state) => ({
    ...state,
    policies: policies(state.policies),
    contracts: contracts(state.contracts),
    parameters: replacement.parameters ?? state.parameters,
  });
}

function listReplacing<T extends { readonly id: string }>(
  given: readonly T[] | undefined,
  mode: Replacement['mode'],
): (before: readonly T[]) => readonly T[] {
  if (given === undefined) return (before) => before;
  if (mode === 'in place') return () => given;
  const replaced = new Set(given.map(({ id }) => id));
  let last: { readonly before: readonly T[]; readonly after: readonly T[] } | undefined;
  return (before) => {
    if (last?.before === before) return last.after;
    const after = [...before.filter(({ id }) => !replaced.has(id)), ...given].sort((a, b) =>
      compareCodePoints(a.id, b.id),
    );
    last = { before, after };
    return after;
  };
}
