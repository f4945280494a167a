import type { Contract } from '../contracts/contract.js';
import { contractDigest, parametersDigest, policyDigest } from '../contracts/digests.js';
import type { ApprovalKind, Parameters } from '../contracts/parameters.js';
import { approvalKinds } from '../contracts/parameters.js';
import type { Policy } from '../contracts/policy.js';
import { type Digest, digestOf } from '../kernel/digest.js';
import type { AvailabilityPut, Genesis, HistoryEpoch, StateEntry } from './entry.js';
import type { KeyRecord } from './key-record.js';

/** A state entry that has an author. */
export type ChangeEntry = Exclude<StateEntry, Genesis | HistoryEpoch>;
export type ChangeKind = ChangeEntry['kind'];

/** What is to be changed, without who does it and when. */
export type Change =
  | { readonly kind: 'contract.put'; readonly contract: Contract }
  | { readonly kind: 'contract.remove'; readonly service: string }
  | { readonly kind: 'policy.put'; readonly policy: Policy }
  | { readonly kind: 'policy.remove'; readonly policy: string }
  | { readonly kind: 'parameters.put'; readonly parameters: Parameters }
  | { readonly kind: 'key.put'; readonly key: KeyRecord }
  | { readonly kind: 'key.revoke'; readonly key: string }
  | {
      readonly kind: 'availability.put';
      readonly service: string;
      readonly state: AvailabilityPut['state'];
    };

/** Six lines that are signed to change a state (log calculus section 6). */
export interface ChangeStatement {
  /** The log that it is for. */
  readonly origin: string;
  readonly kind: ChangeKind;
  /** Of the contract, policy, key or service; `-` for parameters. */
  readonly id: string;
  /** Digest of what is put, state of an availability; `-` for removals and revocations. */
  readonly content: string;
  /** Microseconds since the epoch: it stands for entries of an earlier time. */
  readonly expires: number;
}

const firstLine = 'caio/change/v1';
const none = '-';

/** In order, as they stand in the text. */
export const changeLines = ['version', 'origin', 'kind', 'id', 'content', 'expiry'] as const;

/** `D("caio/key-record/v1", record)`. */
export function keyRecordDigest(record: KeyRecord): Digest {
  return digestOf('caio/key-record/v1', record);
}

/** What has to be signed for `change` in the log of `origin`. */
export function statementOf(change: Change, origin: string, expires: number): ChangeStatement {
  return { origin, kind: change.kind, ...subjectOf(change), expires };
}

function subjectOf(change: Change): Pick<ChangeStatement, 'id' | 'content'> {
  switch (change.kind) {
    case 'contract.put':
      return { id: change.contract.id, content: contractDigest(change.contract) };
    case 'contract.remove':
      return { id: change.service, content: none };
    case 'policy.put':
      return { id: change.policy.id, content: policyDigest(change.policy) };
    case 'policy.remove':
      return { id: change.policy, content: none };
    case 'parameters.put':
      return { id: none, content: parametersDigest(change.parameters) };
    case 'key.put':
      return { id: change.key.id, content: keyRecordDigest(change.key) };
    case 'key.revoke':
      return { id: change.key, content: none };
    case 'availability.put':
      return { id: change.service, content: change.state };
    default:
      return change satisfies never;
  }
}

/** The text: six lines, each ended by a line feed. */
export function formatChange({ origin, kind, id, content, expires }: ChangeStatement): string {
  return [firstLine, origin, kind, id, content, String(expires)].map((line) => `${line}\n`).join('');
}

/** What `formatChange` wrote; `undefined` for any other text. */
export function parseChange(text: string): ChangeStatement | undefined {
  const [version, origin, kind, id, content, expires, end, ...more] = text.split('\n');
  if (version !== firstLine || end !== '' || more.length > 0) return undefined;
  if (origin === undefined || origin === '' || id === undefined || id === '') return undefined;
  if (kind === undefined || !isChangeKind(kind)) return undefined;
  if (content === undefined || !isContent(kind, content)) return undefined;
  if (expires === undefined || !/^(0|[1-9]\d{0,15})$/.test(expires)) return undefined;
  const micros = Number(expires);
  return Number.isSafeInteger(micros) ? { origin, kind, id, content, expires: micros } : undefined;
}

const contentShapes: { readonly [Kind in ChangeKind]: RegExp } = {
  'contract.put': /^[0-9a-f]{64}$/,
  'contract.remove': /^-$/,
  'policy.put': /^[0-9a-f]{64}$/,
  'policy.remove': /^-$/,
  'parameters.put': /^[0-9a-f]{64}$/,
  'key.put': /^[0-9a-f]{64}$/,
  'key.revoke': /^-$/,
  'availability.put': /^(available|disabled|held_out)$/,
};

export const changeKinds = Object.keys(contentShapes) as readonly ChangeKind[];

export function isChangeKind(kind: string): kind is ChangeKind {
  return Object.hasOwn(contentShapes, kind);
}

function isContent(kind: ChangeKind, content: string): boolean {
  return contentShapes[kind].test(content);
}

/** The part of the parameters' `approval` that a kind of entry falls under. */
export function approvalKindOf(kind: ChangeKind): ApprovalKind {
  const part = kind.slice(0, kind.indexOf('.'));
  return approvalKinds.find((known) => known === part) as ApprovalKind;
}
