// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { isSetup, takeChange } from './log-change.js';
import type { LogEntry } from './log-entry.js';
import { takeEpoch } from './log-epoch.js';
import { takeAttempt, takeDecision, takeOutcome } from './log-executions.js';
import type { Claim, LogFault } from './log-fault.js';
import type { LogMemory } from './log-memory.js';
import { stateAfter } from './log-state.js';

/** How far a clock may go back between two entries, in micros: instances have clocks of their own. */
export const clockTolerance = 300_000_000;

/** The memory after entry 0; a fault when that is no genesis entry. */
export function beginLog(entry: LogEntry): LogMemory | LogFault {
  if (entry.kind !== 'genesis')
    return { code: 'genesis_misplaced', index: 0, message: `the log begins with ${entry.kind}` };
  return {
    size: 1,
    origin: entry.origin,
    verifierKey: entry.verifier_key,
    state: stateAfter(undefined, entry, 0),
    epoch: 0,
    epochOpened: entry.time,
    keys: new Map(),
    contractVersions: new Map(),
    policyVersions: new Map(),
    counted: [],
    trials: [],
    trialCount: 0,
    streaks: new Map(),
    heldSince: new Map(),
    setupOver: false,
    latestTime: entry.time,
    clock: 0,
    decisions: new Map(),
    lookAt: 0,
  };
}

/** Takes the entry at index `memory.size`, and gives what is false about it there. The memory changes. */
export function takeEntry(memory: LogMemory, entry: LogEntry): LogFault[] {
  const index = memory.size;
  const claims = [...backdated(memory, entry), ...claimsOf(memory, entry, index)];
  if ('author' in entry && !isSetup(entry.author)) memory.setupOver = true;
  memory.latestTime = Math.max(memory.latestTime, ...timesOf(entry));
  memory.size += 1;
  const decision = decisionOf(entry);
  return claims.map(([code, message]) => ({
    code,
    index,
    message,
    ...(decision === undefined ? {} : { decision }),
  }));
}

function claimsOf(memory: LogMemory, entry: LogEntry, index: number): Claim[] {
  switch (entry.kind) {
    case 'genesis':
      return [['genesis_misplaced', 'a genesis entry that is not the first']];
    case 'decision':
      return takeDecision(memory, entry, index);
    case 'attempt':
      return takeAttempt(memory, entry);
    case 'outcome':
      return takeOutcome(memory, entry);
    case 'proof':
    case 'access':
    case 'erasure':
      return [];
    case 'history.epoch':
      return takeEpoch(memory, entry, index);
    default:
      return takeChange(memory, entry, index);
  }
}

export function decisionOf(entry: LogEntry): string | undefined {
  if (entry.kind === 'decision') return entry.certificate.id;
  return entry.kind === 'attempt' || entry.kind === 'outcome' ? entry.decision : undefined;
}

function timesOf(entry: LogEntry): readonly number[] {
  return entry.kind === 'decision' ? [entry.time, entry.certificate.inputs.time] : [entry.time];
}

function backdated({ latestTime }: LogMemory, entry: LogEntry): Claim[] {
  const least = Math.min(...timesOf(entry));
  if (least >= latestTime - clockTolerance) return [];
  const seconds = Math.round((latestTime - least) / 1e6);
  return [['backdated', `its time is ${seconds} s before one that stands earlier`]];
}
