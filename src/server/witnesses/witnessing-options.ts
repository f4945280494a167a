import type { VerifierKey } from '../../kernel/verifier-key.js';
import type { WitnessWord } from './ask-witness.js';
import type { CosignedRecord, CosignedStore } from './cosigned-record.js';
import type { SharedCosigned } from './shared-cosigned.js';
import type { Submit, WitnessAddress } from './witness-client.js';
import type { WitnessableLog } from './witnessable-log.js';

export interface WitnessingOptions {
  readonly log: WitnessableLog;
  readonly logKey: VerifierKey;
  readonly witnesses: readonly WitnessAddress[];
  /** How many must have cosigned a checkpoint before it counts as witnessed: 1 to all. */
  readonly quorum: number;
  readonly submit: Submit;
  readonly store: CosignedStore;
  /** With the other instances on this log, where there may be some. */
  readonly shared?: SharedCosigned;
  /** From the run before. */
  readonly record?: CosignedRecord;
  readonly pace?: Pace;
  readonly observe?: (event: WitnessEvent) => void;
}

/** Milliseconds. */
export interface Pace {
  /** From the beginning of one round to that of the next, at least; and what an instance that was overtaken waits, doubled with each time in a row. */
  readonly round: number;
  /** Before a witness that failed is asked again: doubled from `first` to `most`. */
  readonly backOff: { readonly first: number; readonly most: number };
}

export interface WitnessEvent {
  readonly witness: string;
  /** `overtaken`: the witness has cosigned a larger log, which is this one: another instance has asked it, or a run that ended before it was told. */
  readonly result: WitnessWord['kind'] | 'overtaken' | 'failed';
  /** Size of the checkpoint that it was asked about. */
  readonly size: number;
  readonly why?: string;
}
