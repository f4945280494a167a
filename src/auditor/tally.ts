import type { LogFault, LogFaultCode } from '../verifier/log-fault.js';

/** Faults counted by code, and the first of them in log order. Plain data. */
export interface Tally {
  total: number;
  readonly byCode: Map<LogFaultCode, number>;
  /** Sorted; at most as many as `countFaults` is told. */
  first: readonly LogFault[];
}

export const noFaults = (): Tally => ({ total: 0, byCode: new Map(), first: [] });

/** Counts faults, in whatever order they are found. */
export function countFaults(tally: Tally, faults: readonly LogFault[], listed: number): void {
  if (faults.length === 0) return;
  for (const { code } of faults) tally.byCode.set(code, (tally.byCode.get(code) ?? 0) + 1);
  tally.total += faults.length;
  const last = tally.first.at(-1);
  const full = tally.first.length >= listed;
  if (full && last !== undefined && faults.every((fault) => inLogOrder(fault, last) > 0)) return;
  tally.first = [...tally.first, ...faults].sort(inLogOrder).slice(0, listed);
}

function inLogOrder(a: LogFault, b: LogFault): number {
  return a.index - b.index || compareTexts(a.code, b.code) || compareTexts(a.message, b.message);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
