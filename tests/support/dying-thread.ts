import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

export interface Death {
  /** At which call; `begin`: while it opens the store, `begun`: when it has just said that it has it. */
  readonly call: string;
  /** Calls of that name that go well before. */
  readonly skip?: number;
  /** Of what the call does; `within`: when a vault has put all of a commit's keys on the shelf but the last. */
  readonly when: 'before' | 'within' | 'after';
  /** By `process.exit`, an exception that nobody catches, or an exhausted heap; `half`: half of the heap is taken from then on. */
  readonly how: 'exit' | 'throw' | 'memory' | 'half';
}

/** A thread module of the log or of the vault, compiled, that dies as it is told. */
export interface DyingThread {
  readonly module: URL;
  /** What threads die of from now on, one after the other. */
  plan(...deaths: readonly Death[]): void;
  /** How many deaths are still to come. */
  left(): number;
  /** How many threads were started. */
  starts(): number;
}

/** Of the store in `folder`. */
export function dyingThread(store: 'log' | 'vault', folder: string): DyingThread {
  const [deaths, started] = [`${folder}.deaths`, `${folder}.starts`];
  const plan = (...next: readonly Death[]) => writeFileSync(deaths, JSON.stringify(next));
  plan();
  return {
    module: new URL(`../fixtures/storage/dying-${store}-thread.mjs`, import.meta.url),
    plan,
    left: () => (JSON.parse(readFileSync(deaths, 'utf8')) as readonly Death[]).length,
    starts: () => (existsSync(started) ? readFileSync(started, 'utf8').trimEnd().split('\n').length : 0),
  };
}

/** Threads that begin in `act` have a small heap; the one that calls it keeps its own. */
export async function withSmallHeaps<T>(act: () => Promise<T>): Promise<T> {
  setFlagsFromString('--max-old-space-size=128');
  try {
    return await act();
  } finally {
    setFlagsFromString('--max-old-space-size=0');
  }
}
