// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { firstDifference } from './first-difference.js';
import { breachesOf, epochDigest } from './history-epoch.js';
import type { HistoryEpoch } from './log-entry.js';
import type { Claim } from './log-fault.js';
import type { LogMemory } from './log-memory.js';
import { openRows } from './log-memory.js';
import { stateAfter } from './log-state.js';

export function takeEpoch(memory: LogMemory, entry: HistoryEpoch, index: number): Claim[] {
  const { state, epoch, epochOpened, trialCount } = memory;
  const rows = openRows(memory);
  const claims: Claim[] = [];
  if (entry.epoch !== epoch + 1 || entry.from !== state.history.to || entry.to !== index) {
    const expected = `epoch ${epoch + 1} over [${state.history.to}, ${index})`;
    claims.push([
      'epoch_wrong',
      `expected ${expected}, found ${entry.epoch} over [${entry.from}, ${entry.to})`,
    ]);
  }
  const rule = state.parameters.history;
  const due =
    rule !== undefined &&
    (trialCount >= rule.epoch_trials || (trialCount >= 1 && entry.time >= epochOpened + rule.epoch_micros));
  if (!due) claims.push(['epoch_not_due', `an epoch of ${trialCount} trials that was not due`]);
  if (epochDigest(rows) !== entry.digest) {
    claims.push(['epoch_digest_wrong', 'the digest is not that of the rows that the outcomes give']);
  }
  const difference = firstDifference(breachesOf(rows, entry.epoch), entry.breaches, '');
  if (difference !== undefined) {
    const { path, expected, found } = difference;
    claims.push(['breaches_wrong', `at ${path} expected ${expected}, found ${found}`]);
  }
  memory.state = stateAfter(state, { ...entry, to: index }, index, rows);
  Object.assign(memory, {
    epoch: entry.epoch,
    epochOpened: entry.time,
    counted: [],
    trials: [],
    trialCount: 0,
  });
  return claims;
}
