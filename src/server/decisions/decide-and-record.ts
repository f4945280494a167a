import type { RequestDocument } from '../../contracts/request.js';
import type { Problem } from '../../kernel/problem.js';
import { err, ok, type Result } from '../../kernel/result.js';
import { type DecisionEntry, entryType } from '../../log/entry.js';
import type { KeyState } from '../../log/key-record.js';
import type { View } from '../../log/log.js';
import { type Decision, decide } from '../../orchestrator/decide.js';
import { namesToSeal, type Salts, sealRequest } from '../../orchestrator/seal.js';
import type { Snapshot } from '../../orchestrator/snapshot.js';
import { type Failure, failure } from '../http/failure.js';
import { credentialFailureText, type Identity } from '../identity/identity.js';
import type { KeptOpenings, Opening } from '../openings/opening-store.js';
import type { DecisionPorts } from './ports.js';

/** A decision that is in the log. */
export interface Recorded {
  readonly decision: Decision;
  readonly index: number;
  /** Of the attempt that was recorded with it, at the selected service (log calculus section 3.5). */
  readonly attemptNumber?: number;
  /** Until when attempts and outcomes of it may be appended (log calculus section 3.9). */
  readonly spanEnd?: number;
  /** Salts of the sealed values in hex, by name. */
  readonly salts: { readonly [name: string]: string };
}

/** After so many tries that a change made stale, changes wait for the next one. */
const triesBeforeHold = 3;
/** Beyond any stream of changes that other instances can make. */
const mostTries = 64;

/**
 * Decides on the current state and records it (calculus steps 1–8 and 9). When the state changes in between, decides again on the new
 * one, with a new time, seed and salts, and with the credential looked at again: nothing is ever decided on an outdated state
 * (INV-CAIO-LOG-0002). `execute`: the decision will be executed, so its first attempt is recorded with it (INV-CAIO-LOG-0003).
 *
 * Err: problems of the request, or a Failure. Rejects with the log's faults.
 */
export async function decideAndRecord(
  ports: DecisionPorts,
  document: RequestDocument,
  identity: Identity,
  purpose: 'route' | 'execute',
): Promise<Result<Recorded, Failure | readonly Problem[]>> {
  let release = (): void => undefined;
  try {
    for (let tries = 0; tries < mostTries; tries += 1) {
      if (tries === triesBeforeHold) release = ports.log.holdChanges();
      const tried = await tryOnce(ports, document, identity, purpose);
      if (tried !== 'stale') return tried;
    }
  } finally {
    release();
  }
  const headers = { 'retry-after': '1' };
  return err(failure('unavailable', 'The state changes faster than decisions can be recorded.', { headers }));
}

async function tryOnce(
  ports: DecisionPorts,
  document: RequestDocument,
  identity: Identity,
  purpose: 'route' | 'execute',
): Promise<Result<Recorded, Failure | readonly Problem[]> | 'stale'> {
  // Before the state is looked at: while the database is asked, the log may go on.
  await readSubject(ports, identity);
  const { view } = ports.log;
  const refused = revokedSince(identity, view.folded.keys);
  if (refused !== undefined) return err(refused);
  const current = withoutErased(ports, identity);
  const made = decideOn(ports, view, document, current);
  if (!made.ok) return made;
  const { decision, salts } = made.value;
  const { id } = decision.certificate;
  const hex = hexSalts(salts);
  const sealed = Object.keys(hex).length > 0;
  // Openings before the log: whoever is told of a decision can open it after any crash.
  if (sealed) await ports.openings.putAhead(keptOpenings(ports, decision, document, current, hex));
  const appended = await ports.log.appendDecision(entryOf(decision, purpose));
  if (appended.kind === 'stale') {
    // What cannot be dropped now is looked at by the next sweep.
    if (sealed) void ports.openings.drop(id).catch(() => undefined);
    return 'stale';
  }
  if (sealed) ports.openings.recorded(id);
  ports.metrics.decided(decision.certificate);
  const { kind: _, ...at } = appended;
  return ok({ decision, salts: hex, ...at });
}

/** The same decision, sealed but not recorded: for looking, not for acting on. */
export function decideOn(
  ports: Pick<DecisionPorts, 'clock' | 'random'>,
  view: View<Snapshot>,
  document: RequestDocument,
  identity: Identity,
): Result<{ readonly decision: Decision; readonly salts: Salts }, readonly Problem[]> {
  const names = namesToSeal(document, identity.document, view.snapshot);
  const salts: Salts = Object.fromEntries(names.map((name) => [name, ports.random(32)]));
  const sealed = sealRequest(document, identity.document, view.snapshot, salts);
  if (!sealed.ok) return sealed;
  const decision = decide(
    {
      ...sealed.value,
      time: ports.clock.wallMicros(),
      seed: document.seed ?? Buffer.from(ports.random(6)).readUIntBE(0, 6),
      seedOrigin: document.seed === undefined ? 'server' : 'caller',
    },
    view.snapshot,
  );
  return decision.ok ? ok({ decision: decision.value, salts }) : decision;
}

// A JWT cannot be revoked one by one: its key set can be replaced, and it expires.
function revokedSince({ document }: Identity, keys: ReadonlyMap<string, KeyState>): Failure | undefined {
  const { method, key_id: id } = document.caller;
  if (method !== 'api_key' || keys.get(id)?.revoked_at === undefined) return undefined;
  return failure('unauthenticated', credentialFailureText.revoked, { members: { reason: 'revoked' } });
}

function entryOf({ certificate }: Decision, purpose: 'route' | 'execute'): DecisionEntry {
  const entry = { type: entryType, kind: 'decision', time: certificate.inputs.time, certificate } as const;
  const { outcome } = certificate;
  if (purpose === 'route' || outcome.decision === 'refused') return entry;
  return { ...entry, attempt: { rank: 0, service: outcome.selected } };
}

function hexSalts(salts: Salts): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(salts).map(([name, salt]) => [name, Buffer.from(salt).toString('hex')]),
  );
}

function keptOpenings(
  { openings: { keepsPayloads } }: DecisionPorts,
  { certificate: { id, inputs } }: Decision,
  document: RequestDocument,
  identity: Identity,
  salts: { readonly [name: string]: string },
): KeptOpenings {
  const value = (name: string): unknown => {
    if (name === 'request.subject') return document.subject;
    if (name === 'caller.subject') return identity.document.subject;
    if (name === 'payload') return keepsPayloads ? document.payload : undefined;
    return document.request.context[name.slice('context.'.length)];
  };
  const openings = Object.entries(salts).map(([name, salt]): [string, Opening] => {
    const opened = value(name);
    return [name, opened === undefined ? { salt } : { salt, value: opened }];
  });
  return {
    decision: id,
    owner: ownerOf(identity),
    tenant: identity.document.caller.tenant,
    subject: document.subject,
    callerSubject: identity.document.subject,
    callerKey: keyWithSubject(identity),
    classification: document.request.data.classification,
    time: inputs.time,
    openings: Object.fromEntries(openings),
  };
}

async function readSubject({ openings }: DecisionPorts, identity: Identity): Promise<void> {
  const key = keyWithSubject(identity);
  if (key !== undefined) await openings.readSubject(key);
}

/** The API key of an identity, where it names a subject. */
function keyWithSubject({ document: { caller, subject } }: Identity): string | undefined {
  return caller.method === 'api_key' && subject !== undefined ? caller.key_id : undefined;
}

/** The credential was read when the request came. The subject that its key named then may have been erased since. */
function withoutErased({ openings }: DecisionPorts, identity: Identity): Identity {
  const { subject, ...document } = identity.document;
  const { method, key_id: id } = document.caller;
  const named = method !== 'api_key' || subject === undefined || openings.subjectOf(id) === subject;
  return named ? identity : { ...identity, document };
}

/** Names a credential together with whom it speaks for. */
export function ownerOf({ document: { caller, subject } }: Identity): string {
  return JSON.stringify([caller.method, caller.issuer, caller.key_id, caller.tenant, subject ?? '']);
}
