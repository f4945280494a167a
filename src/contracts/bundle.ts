import type { ServiceReference } from './certificate.js';
import type { Contract } from './contract.js';
import type { Parameters } from './parameters.js';
import type { Policy } from './policy.js';
import type { AvailabilityRow, HistoryRow } from './state.js';

/** DSSE envelope: payload and signature in standard base64 with padding; exactly one signature. */
export interface Envelope {
  readonly payloadType: 'application/vnd.caio.certificate+json';
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** Where an item sits in a set: RFC 6962 inclusion proof, hashes in hex, leaf sibling first. */
export interface SetInclusion {
  readonly index: number;
  readonly size: number;
  readonly path: readonly string[];
}

/**
 * That a service has no row in a set: the rows that would be its neighbours, both included and adjacent
 * (only one at an end, none in an empty set).
 */
export interface SetAbsence<Row> {
  readonly size: number;
  readonly before?: { readonly row: Row; readonly inclusion: SetInclusion };
  readonly after?: { readonly row: Row; readonly inclusion: SetInclusion };
}

/** What level 2 needs about one member of the chain. */
export interface MemberEvidence {
  readonly contract: Contract;
  readonly inclusion: SetInclusion;
  readonly history: { readonly row: HistoryRow; readonly inclusion: SetInclusion } | SetAbsence<HistoryRow>;
  readonly availability: SetAbsence<AvailabilityRow>;
}

interface BundleOf<Level extends 1 | 2 | 3 | 4 | 5> {
  readonly type: 'caio/bundle/v1';
  readonly level: Level;
  readonly envelope: Envelope;
}

export interface BundleLevel2 extends BundleOf<2> {
  readonly parameters: Parameters;
  readonly policies: readonly Policy[];
  /** One per member of the chain, in its order; empty for a refusal. */
  readonly members: readonly MemberEvidence[];
}

interface WholeState {
  readonly parameters: Parameters;
  readonly policies: readonly Policy[];
  readonly contracts: readonly Contract[];
  readonly history: readonly HistoryRow[];
  readonly availability: readonly AvailabilityRow[];
}

export interface BundleLevel3 extends BundleOf<3>, WholeState {}

/** Where the log has a decision. */
export interface DecisionRecord {
  /** What the decision's entry says beside type, kind and certificate. */
  readonly entry: {
    readonly time: number;
    readonly attempt?: { readonly rank: number; readonly service: ServiceReference };
  };
  /** C2SP tlog-proof: index, path and signed checkpoint. */
  readonly proof: string;
}

export interface BundleLevel4 extends BundleOf<4>, WholeState {
  readonly record: DecisionRecord;
}

/** The same, under a checkpoint that witnesses have cosigned. */
export interface BundleLevel5 extends BundleOf<5>, WholeState {
  readonly record: DecisionRecord;
}

export type Bundle = BundleOf<1> | BundleLevel2 | BundleLevel3 | BundleLevel4 | BundleLevel5;
