import type { Log } from '../../log/log.js';
import type { Snapshot } from '../../orchestrator/snapshot.js';
import type { SigningKey } from '../../proofs/signing-key.js';
import type { Accesses } from '../access.js';
import type { Clock } from '../clock.js';
import type { Metrics } from '../metrics.js';
import type { OpeningStore } from '../openings/opening-store.js';
import type { Witnessed } from '../witnesses/witnessed.js';
import type { Executor } from './executor.js';

/** What making, recording and executing decisions takes from the world. */
export interface DecisionPorts {
  readonly log: Log<Snapshot>;
  /** Its wall time never repeats (`strictlyRising`). */
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly openings: OpeningStore;
  readonly signingKey: SigningKey;
  readonly execute: Executor;
  readonly metrics: Metrics;
  /** Told after each outcome that is in the log. */
  readonly outcomeRecorded: () => void;
  /** Absent: the log has no witnesses. */
  readonly witnessed?: Witnessed;
  /** Who reads what is others'. */
  readonly access: Accesses;
}
