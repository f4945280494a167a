import type { TreeEdge } from '../verifier/log-edge.js';
import type { EntryKind } from '../verifier/log-entry.js';
import type { LogMemory } from '../verifier/log-memory.js';
import type { Sample } from './sample.js';
import { noFaults, type Tally } from './tally.js';

/** What an audit goes towards: a root, and who signed it. */
export interface Target {
  readonly origin?: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  readonly key?: string;
  readonly keyFrom: 'given' | 'genesis';
  readonly signed: boolean;
  readonly witnesses: readonly string[];
  readonly since?: { readonly size: number; readonly root: Uint8Array };
}

/** How far an audit is and all that it has found: plain data, from which it goes on as if it had not been interrupted. */
export interface Progress {
  readonly target: Target;
  readonly edge: TreeEdge;
  /** `undefined` before the first entry. */
  memory: LogMemory | undefined;
  readonly tally: Tally;
  readonly kinds: Map<EntryKind | 'malformed', number>;
  readonly counts: Counts;
  /** Decision → for each rank the assertions that are not true of it: `false` and `error` by number. */
  readonly untrue: Map<string, readonly Untrue[]>;
  /** How many there may be before those of decisions whose span is over are looked for. */
  lookAt: number;
  readonly assertions: { attempts: number; counterexamples: number }[];
  readonly sample: Sample;
}

export interface Untrue {
  readonly rank: number;
  readonly assertion: number;
  readonly answer: 'false' | 'error';
}

export interface Counts {
  /** Decisions in the range, and those of them checked at level 3. */
  decisions: number;
  optimal: number;
  refused: number;
  attempts: number;
  outcomes: number;
  notSent: number;
  /** Decisions whose caller is the operator's word (API keys), was proved by a token, and whose seed the server drew. */
  callersAttested: number;
  callersByToken: number;
  seedsByServer: number;
  /** What the source was asked for. */
  changeNotes: number;
  resultSignatures: number;
}

export function newProgress(target: Target, assertions: number): Progress {
  return {
    target,
    edge: { size: 0, levels: [] },
    memory: undefined,
    tally: noFaults(),
    kinds: new Map(),
    counts: {
      decisions: 0,
      optimal: 0,
      refused: 0,
      attempts: 0,
      outcomes: 0,
      notSent: 0,
      callersAttested: 0,
      callersByToken: 0,
      seedsByServer: 0,
      changeNotes: 0,
      resultSignatures: 0,
    },
    untrue: new Map(),
    lookAt: 0,
    assertions: Array.from({ length: assertions }, () => ({ attempts: 0, counterexamples: 0 })),
    sample: { drawn: [] },
  };
}
