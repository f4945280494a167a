import { canonicalText } from '../../kernel/canonical.js';
import type { DecisionEntry, LogEntry } from '../../log/entry.js';
import { indexDigits, indexFolder, indexInKey } from '../../log/index-rows.js';
import { stateAt } from '../../log/state-at.js';
import { packBundle } from '../../proofs/bundle.js';
import { signCertificate } from '../../proofs/envelope.js';
import { ownerOf } from '../decisions/decide-and-record.js';
import { type Logged, recordOf } from '../decisions/decision-record.js';
import type { DecisionPorts } from '../decisions/ports.js';
import { decisionHeaders } from '../decisions/promise-headers.js';
import { type Answer, json } from '../http/answer.js';
import { type Failure, failure, invalid } from '../http/failure.js';
import type { Exchange, Route } from '../http/route.js';
import { pageLimit } from './page.js';

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
        tag,
        parameters: ['cursor', 'limit'].map((name) => ({ $ref: `#/components/parameters/${name}` })),
        answers: {
          200: { description: 'A page of decisions; next_cursor leads to the next', schema: 'TraceList' },
        },
      },
      handle: (exchange) => list(ports, exchange),
    },
    {
      ...shared,
      url: `${url}/:id`,
      operation: {
        summary: 'A decision with its attempts and outcomes',
        description: 'To the credential that asked for the decision also its openings, while they are kept.',
        tag,
        answers: { 200: { description: 'The trace', schema: 'Trace' }, ...missing },
      },
      handle: (exchange) => trace(ports, exchange),
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

async function list({ log }: DecisionPorts, { identity, query }: Exchange): Promise<Answer> {
  const limit = pageLimit(query, 1000);
  if (!limit.ok) return limit.error;
  const { cursor } = query;
  if (cursor !== undefined && !/^[0-9]{1,16}$/.test(cursor)) {
    return invalid('invalid_request', [
      { code: 'query_invalid', path: '/cursor', message: 'the cursor is not one that was given here' },
    ]);
  }
  const { tenant } = identity.document.caller;
  const folder = identity.scopes.has('admin') ? indexFolder.decisions : indexFolder.ofTenant(tenant);
  const rows = await log.storage.scanIndex({
    folder,
    limit: limit.value,
    reverse: true,
    ...(cursor === undefined ? {} : { before: `${folder}${indexDigits(Number(cursor))}` }),
  });
  const traces = await Promise.all(rows.map(({ key }) => summary(log, indexInKey(key))));
  const last = rows.at(-1);
  const more = last !== undefined && rows.length === limit.value;
  return json(200, { traces, ...(more ? { next_cursor: String(indexInKey(last.key)) } : {}) });
}

async function summary(log: DecisionPorts['log'], index: number) {
  const { certificate } = (await log.read(index)) as DecisionEntry;
  const { id, inputs, outcome } = certificate;
  return {
    decision_id: id,
    log_index: index,
    time_micros: inputs.time,
    tenant: inputs.caller.tenant,
    intent: inputs.request.intent.type,
    outcome: outcome.decision,
    ...(outcome.decision === 'routed' ? { service: outcome.selected } : { step: outcome.step }),
  };
}

async function trace(ports: DecisionPorts, exchange: Exchange): Promise<Answer> {
  const found = await findDecision(ports, exchange);
  if ('kind' in found) return found;
  const { entry, index } = found;
  const { certificate } = entry;
  const events = await eventsOf(ports, certificate.id);
  const openings = ports.openings.get(certificate.id);
  const own = openings !== undefined && openings.owner === ownerOf(exchange.identity);
  const body = {
    decision_id: certificate.id,
    log_index: index,
    outcome: certificate.outcome.decision,
    certificate,
    envelope: signCertificate(certificate, ports.signingKey),
    ...(entry.attempt === undefined ? {} : { first_attempt: entry.attempt }),
    events,
    ...(own ? { openings: openings.salts } : {}),
  };
  return json(200, body, decisionHeaders(certificate, index));
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
  return {
    kind: 'raw',
    status: 200,
    body: canonicalText(packed.value),
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...decisionHeaders(certificate, found.index),
    },
  };
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
