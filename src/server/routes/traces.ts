import { canonicalText } from '../../kernel/canonical.js';
import type { DecisionEntry, LogEntry } from '../../log/entry.js';
import { indexFolder, indexInKey } from '../../log/index-rows.js';
import { stateAt } from '../../log/state-at.js';
import { packBundle } from '../../proofs/bundle.js';
import { signCertificate } from '../../proofs/envelope.js';
import { type Logged, recordOf } from '../decisions/decision-record.js';
import type { DecisionPorts } from '../decisions/ports.js';
import { decisionHeaders } from '../decisions/promise-headers.js';
import { readOpenings } from '../decisions/read-openings.js';
import { type Answer, json, jsonText } from '../http/answer.js';
import { type Failure, failure, invalid } from '../http/failure.js';
import type { Exchange, Route } from '../http/route.js';
import type { Identity } from '../identity/identity.js';
import { listTraces, traceParameters } from './trace-list.js';

const url = '/api/v1/traces';
const tag = 'traces';
const missing = { 404: { description: 'No such decision, or one of another tenant' } };
const mostEvents = 1000;

/** Reading back what was decided. A caller sees the decisions of its own tenant; one with scope `admin`, all. */
export function traceRoutes(ports: DecisionPorts): readonly Route[] {
  const shared = { method: 'GET', scopes: ['traces'], body: 'none', surface: 'caio' } as const;
  return [
    {
      ...shared,
      url,
      operation: {
        summary: 'List decisions, the latest first',
        description:
          'Chosen by service (selected or called), time of the decision (from ≤ time < to) and outcome, in any combination. A page costs as much as it has decisions.',
        tag,
        parameters: traceParameters.map((name) => ({ $ref: `#/components/parameters/${name}` })),
        answers: {
          200: { description: 'A page of decisions; next_cursor leads to the next', schema: 'TraceList' },
        },
      },
      handle: (exchange) => listTraces(ports, exchange),
    },
    {
      ...shared,
      url: `${url}/:id`,
      operation: {
        summary: 'A decision with its attempts and outcomes',
        description:
          'To the credential that asked for the decision also the salts of its openings, while they are kept. `openings_gone` names what nobody can open any more.',
        tag,
        answers: { 200: { description: 'The trace', schema: 'Trace' }, ...missing },
      },
      handle: (exchange) => trace(ports, exchange),
    },
    {
      ...shared,
      url: `${url}/:id/openings`,
      operation: {
        summary: 'What opens the commitments of a decision: salts, and the values that are kept',
        description: 'For the credential that asked for the decision; caio verify --openings checks it.',
        tag,
        answers: {
          200: { description: 'What is left, and which are gone', schema: 'Openings' },
          403: { description: 'Another credential asked for the decision' },
          ...missing,
        },
      },
      handle: (exchange) => openings(ports, exchange),
    },
    {
      ...shared,
      url: `${url}/:id/bundle`,
      operation: {
        summary: 'What the independent verifier needs, in one file',
        tag,
        parameters: [{ $ref: '#/components/parameters/level' }],
        answers: {
          200: { description: 'The bundle', schema: 'Bundle' },
          ...missing,
          503: { description: 'Levels 4 and 5: no such checkpoint is over the decision yet' },
        },
      },
      handle: (exchange) => bundle(ports, exchange),
    },
  ];
}

async function trace(ports: DecisionPorts, exchange: Exchange): Promise<Answer> {
  const found = await findDecision(ports, exchange);
  if ('kind' in found) return found;
  await recordUnlessOwn(ports, exchange.identity, found.entry, 'trace');
  const { entry, index } = found;
  const { certificate } = entry;
  const events = await eventsOf(ports, certificate.id);
  const { own, gone } = await readOpenings(ports, certificate, exchange.identity);
  const body = {
    decision_id: certificate.id,
    log_index: index,
    outcome: certificate.outcome.decision,
    certificate,
    envelope: signCertificate(certificate, ports.signingKey),
    ...(entry.attempt === undefined ? {} : { first_attempt: entry.attempt }),
    events,
    ...(own === undefined
      ? {}
      : { openings: Object.fromEntries(Object.entries(own).map(([name, { salt }]) => [name, salt])) }),
    openings_gone: gone,
  };
  return json(200, body, decisionHeaders(certificate, index));
}

async function openings(ports: DecisionPorts, exchange: Exchange): Promise<Answer> {
  const found = await findDecision(ports, exchange);
  if ('kind' in found) return found;
  const { certificate } = found.entry;
  const { own, gone } = await readOpenings(ports, certificate, exchange.identity);
  const all = Object.keys(certificate.inputs.commitments).length;
  if (own === undefined && gone.length < all) {
    return failure('forbidden', 'Openings are for the credential that asked for the decision.');
  }
  // Sealed values leave with this answer: that is in the log before they do, whoever asks.
  await ports.access.record(exchange.identity, { what: 'openings', decision: certificate.id });
  return json(200, { decision_id: certificate.id, openings: own ?? {}, gone });
}

async function eventsOf({ log }: DecisionPorts, id: string) {
  const rows = await log.storage.scanIndex({ folder: indexFolder.trace(id), limit: mostEvents });
  const entries = await Promise.all(
    rows.map(async ({ key }) => ({ index: indexInKey(key), entry: await log.read(indexInKey(key)) })),
  );
  return entries.flatMap(({ index, entry }) => eventMember(index, entry));
}

function eventMember(index: number, entry: LogEntry | undefined): readonly object[] {
  if (entry?.kind !== 'attempt' && entry?.kind !== 'outcome') return [];
  const { kind, time, rank, service } = entry;
  const event = { log_index: index, kind, time_micros: time, rank, service };
  if (entry.kind === 'attempt') return [event];
  const { measured, verdicts, result } = entry;
  return [{ ...event, measured, verdicts, ...(result === undefined ? {} : { result }) }];
}

async function bundle(ports: DecisionPorts, exchange: Exchange): Promise<Answer> {
  const { level: text = '3' } = exchange.query;
  if (!/^[1-5]$/.test(text)) {
    const problem = { code: 'query_invalid', path: '/level', message: 'level is 1, 2, 3, 4 or 5' };
    return invalid('invalid_request', [problem]);
  }
  const found = await findDecision(ports, exchange);
  if ('kind' in found) return found;
  await recordUnlessOwn(ports, exchange.identity, found.entry, 'bundle');
  const { certificate } = found.entry;
  const envelope = signCertificate(certificate, ports.signingKey);
  const asked = Number(text) as 1 | 2 | 3 | 4 | 5;
  const record = asked < 4 ? undefined : await recordOf(ports, found, asked as 4 | 5);
  if (record !== undefined && 'kind' in record) return record;
  const level = record === undefined ? (asked as 1 | 2 | 3) : { level: asked as 4 | 5, record };
  const packed = packBundle(
    envelope,
    certificate,
    await stateOf(ports, certificate.inputs.state.as_of),
    level,
  );
  if (!packed.ok) return invalid('invalid_state', packed.error);
  return jsonText(200, canonicalText(packed.value), decisionHeaders(certificate, found.index));
}

function stateOf({ log }: DecisionPorts, asOf: number) {
  const { state } = log.view.folded;
  return state.as_of === asOf ? state : stateAt(log.storage, asOf);
}

/** The decision of the path. One of another tenant is not there, as far as the caller can tell. */
export async function findDecision(
  { log }: Pick<DecisionPorts, 'log'>,
  { path, identity }: Pick<Exchange, 'path' | 'identity'>,
): Promise<Logged | Failure> {
  const notThere = failure('not_found', 'There is no decision of that id.');
  const id = path.id as string;
  if (!/^[0-9a-f]{64}$/.test(id)) return notThere;
  const index = await log.storage.readIndex(`${indexFolder.decision}${id}`);
  const entry = index === undefined ? undefined : await log.read(Number(index));
  if (entry?.kind !== 'decision') return notThere;
  const own = entry.certificate.inputs.caller.tenant === identity.document.caller.tenant;
  return own || identity.scopes.has('admin') ? { entry, index: Number(index) } : notThere;
}

/** Whoever reads what another credential asked for is in the log before the answer leaves. */
async function recordUnlessOwn(
  { access, openings }: DecisionPorts,
  identity: Identity,
  { certificate }: DecisionEntry,
  what: 'trace' | 'bundle',
): Promise<void> {
  const { id: decision, inputs } = certificate;
  const { caller } = identity.document;
  const sameKey = (['method', 'issuer', 'key_id', 'tenant'] as const).every(
    (name) => caller[name] === inputs.caller[name],
  );
  // The key of a JWT is its issuer's: only the openings say for whom it spoke.
  const own =
    sameKey &&
    (caller.method === 'api_key' ||
      (await readOpenings({ openings }, certificate, identity)).own !== undefined);
  if (!own) await access.record(identity, { what, decision });
}
