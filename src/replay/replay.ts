import type { Certificate } from '../contracts/certificate.js';
import type { State } from '../contracts/state.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { sameJson } from '../kernel/same-json.js';
import { buildSnapshot, type Snapshot } from '../orchestrator/snapshot.js';
import { type Came, type ChangeKind, cameOf, changeBetween } from './change.js';
import { decideAgain } from './decided-again.js';
import { type Replacement, replacing } from './replacement.js';
import { type WhyNot, whyNot } from './why-not.js';

/** A decision that comes out otherwise. */
export interface Changed {
  readonly decision_id: string;
  readonly log_index: number;
  /** Microseconds since the epoch. */
  readonly time: number;
  readonly tenant: string;
  readonly intent: string;
  readonly change: ChangeKind;
  readonly before: Came;
  readonly after: Came;
  /** Why the service of before is not chosen now; where there was none, why that of now was not chosen then. */
  readonly why?: WhyNot;
}

export interface Replayed {
  readonly before: Came;
  readonly after: Came;
  /** Absent where it comes out as before. */
  readonly changed?: Changed;
}

/** Why there is no replay. */
export type ReplayFault =
  /** On the state that was, the engine does not come to the certificate in the log, byte for byte: nothing it says of another state counts. */
  | {
      readonly kind: 'not_faithful';
      readonly log_index: number;
      readonly decision_id: string;
      readonly found: string;
    }
  /** A state does not build, as it was or with the replacement in it. */
  | {
      readonly kind: 'state';
      readonly log_index: number;
      readonly replaced: boolean;
      readonly problems: readonly Problem[];
    };

export type Replay = (certificate: Certificate, index: number, state: State) => Result<Replayed, ReplayFault>;

/**
 * Decides the decisions of a log again, in order of index, each with the state that was and with that state after the replacement. Each is first decided on the state that
 * was, and has to give its certificate byte for byte. Two decisions each; a snapshot only where the state changed. Memory of two
 * snapshots.
 */
export function replayer(replacement: Replacement): Replay {
  const replace = replacing(replacement);
  const actual = latestSnapshot((state) => state);
  const other = latestSnapshot(replace);
  return (certificate, index, state) => {
    const was = actual(state);
    if (!was.ok) return err({ kind: 'state', log_index: index, replaced: false, problems: was.error });
    const faithful = decideAgain(certificate, was.value);
    if (!faithful.ok || !sameJson(faithful.value, certificate)) {
      return err({
        kind: 'not_faithful',
        log_index: index,
        decision_id: certificate.id,
        found: faithful.ok ? faithful.value.id : 'no decision',
      });
    }
    const then = other(state);
    if (!then.ok) return err({ kind: 'state', log_index: index, replaced: true, problems: then.error });
    return ok(replayed(certificate, index, was.value, then.value));
  };
}

function replayed(certificate: Certificate, index: number, was: Snapshot, then: Snapshot): Replayed {
  const before = cameOf(certificate);
  const again = decideAgain(certificate, then);
  const after: Came = again.ok ? cameOf(again.value) : { decision: 'invalid', problems: again.error };
  const change = again.ok ? changeBetween(certificate, again.value) : 'invalid';
  if (change === undefined) return { before, after };
  const why = again.ok ? whyChanged(certificate, again.value, was, then) : undefined;
  const { id, inputs } = certificate;
  const changed: Changed = {
    decision_id: id,
    log_index: index,
    time: inputs.time,
    tenant: inputs.caller.tenant,
    intent: inputs.request.intent.type,
    change,
    before,
    after,
    ...(why === undefined ? {} : { why }),
  };
  return { before, after, changed };
}

function whyChanged(
  certificate: Certificate,
  again: Certificate,
  was: Snapshot,
  then: Snapshot,
): WhyNot | undefined {
  const { outcome } = certificate;
  if (outcome.decision === 'refused') {
    if (again.outcome.decision === 'refused') return undefined;
    return whyNot(certificate, was, certificate, again.outcome.selected.service);
  }
  const now = again.outcome.decision === 'routed' ? again.outcome.chain.map(({ service }) => service) : [];
  // Of a chain that begins with the same service, who is missing.
  const gone = outcome.chain.find(
    ({ service }, i) => service !== now[i] && (i === 0 || !now.includes(service)),
  );
  return gone === undefined ? undefined : whyNot(certificate, then, again, gone.service);
}

/** Builds on the snapshot before; nothing where the state is the same. */
function latestSnapshot(
  change: (state: State) => State,
): (state: State) => Result<Snapshot, readonly Problem[]> {
  let last: { readonly state: State; readonly snapshot: Snapshot } | undefined;
  return (state) => {
    if (last?.state === state) return ok(last.snapshot);
    const built = buildSnapshot(change(state), last?.snapshot);
    if (built.ok) last = { state, snapshot: built.value };
    return built;
  };
}
