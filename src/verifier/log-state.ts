// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { byCodePoint } from './canonical.js';
import type { HistoryRow, Parameters, State } from './documents.js';
import type { StateEntry } from './log-entry.js';

/** The state after a state entry at `index`. `rows`: those of the epoch that a `history.epoch` closes. */
export function stateAfter(
  before: State | undefined,
  entry: StateEntry,
  index: number,
  rows: readonly HistoryRow[] = [],
): State {
  const state = { ...(before ?? emptyState), as_of: index + 1 };
  switch (entry.kind) {
    case 'genesis':
    case 'parameters.put':
      return { ...state, parameters: entry.parameters };
    case 'contract.put':
      return { ...state, contracts: put(state.contracts, entry.contract, idOf) };
    case 'contract.remove':
      return {
        ...state,
        contracts: without(state.contracts, entry.service, idOf),
        availability: without(state.availability, entry.service, serviceOf),
      };
    case 'policy.put':
      return { ...state, policies: put(state.policies, entry.policy, idOf) };
    case 'policy.remove':
      return { ...state, policies: without(state.policies, entry.policy, idOf) };
    case 'key.put':
    case 'key.revoke':
      return state;
    case 'availability.put': {
      const { service, state: now, reason } = entry;
      const others = without(state.availability, service, serviceOf);
      if (now === 'available') return { ...state, availability: others };
      return { ...state, availability: put(others, { service, state: now, reason }, serviceOf) };
    }
    case 'history.epoch':
      return { ...state, history: { from: entry.from, to: entry.to, rows } };
  }
}

const emptyState: Omit<State, 'parameters' | 'as_of'> & { readonly parameters: Parameters } = {
  contracts: [],
  policies: [],
  parameters: {} as Parameters,
  history: { from: 0, to: 0, rows: [] },
  availability: [],
};

const idOf = (item: { readonly id: string }): string => item.id;
const serviceOf = (item: { readonly service: string }): string => item.service;

/** A list sorted by key with the item in the place of the one that has its key. Lists that do not change stay the same list. */
function put<T>(items: readonly T[], item: T, keyOf: (item: T) => string): readonly T[] {
  const others = items.filter((other) => keyOf(other) !== keyOf(item));
  return [...others, item].sort((a, b) => byCodePoint(keyOf(a), keyOf(b)));
}

function without<T>(items: readonly T[], key: string, keyOf: (item: T) => string): readonly T[] {
  return items.some((item) => keyOf(item) === key) ? items.filter((item) => keyOf(item) !== key) : items;
}
