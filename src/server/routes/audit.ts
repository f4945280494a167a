import { ok, type Result } from '../../kernel/result.js';
import type { OutcomeEntry } from '../../log/entry.js';
import { attemptedIn, entryKinds, indexDigits, indexFolder, indexInKey } from '../../log/index-rows.js';
import type { DecisionPorts } from '../decisions/ports.js';
import { type Answer, json } from '../http/answer.js';
import type { Failure } from '../http/failure.js';
import type { Exchange, Route } from '../http/route.js';
import { kindCounts } from './kind-counts.js';
import { pageLimit } from './page.js';
import { choiceIn, idIn, naturalIn, unknownParameter } from './query.js';
import { timedPage } from './timed-rows.js';

export type AuditPorts = Pick<DecisionPorts, 'log' | 'access'>;

const url = '/api/v1/audit';
const tag = 'audit';
const entryParameters = ['from', 'to', 'kind', 'limit'] as const;
const attemptParameters = ['service', 'from', 'to', 'cursor', 'limit'] as const;
const mostEvents = 1000;

/** The log for people who answer for it: every tenant's, by scope `audit`. Each read is an `access` entry before its answer leaves. */
export function auditRoutes(ports: AuditPorts): readonly Route[] {
  const shared = { method: 'GET', scopes: ['audit'], body: 'none', surface: 'caio' } as const;
  const count = kindCounts(ports.log);
  const parameter = (name: string) => ({ $ref: `#/components/parameters/${name}` });
  return [
    {
      ...shared,
      url: `${url}/entries`,
      operation: {
        summary: 'Entries of the log in its order',
        description: 'Those of indexes [from, to), of one kind or all; next_from leads to the next page.',
        tag,
        parameters: [...['entry_from', 'entry_to', 'kind'].map(parameter), parameter('limit')],
        answers: { 200: { description: 'A page of entries', schema: 'EntryList' } },
      },
      handle: (exchange) => entries(ports, exchange),
    },
    {
      ...shared,
      url: `${url}/attempts`,
      operation: {
        summary: 'Transmissions of payloads with what became of them, the latest first',
        description:
          'An attempt without an outcome counts as disclosed; one that was recorded and not sent does not, by the word of the operator.',
        tag,
        parameters: attemptParameters.map(parameter),
        answers: { 200: { description: 'A page of attempts', schema: 'AttemptList' } },
      },
      handle: (exchange) => attempts(ports, exchange),
    },
    {
      ...shared,
      url: `${url}/summary`,
      operation: {
        summary: 'How much the log holds, of what',
        tag,
        answers: { 200: { description: 'Counts, and the latest checkpoint', schema: 'AuditSummary' } },
      },
      handle: async ({ identity, query }) => {
        const unknown = unknownParameter(query, []);
        if (unknown !== undefined) return unknown;
        await ports.access.record(identity, { what: 'audit' });
        const { published, view } = ports.log;
        const { state } = view.folded;
        return json(200, {
          ...(await count(published.size)),
          size: published.size,
          root: published.root,
          checkpoint: published.checkpoint,
          as_of: state.as_of,
          services: state.contracts.length,
          policies: state.policies.length,
        });
      },
    },
  ];
}

async function entries({ log, access }: AuditPorts, { identity, query }: Exchange): Promise<Answer> {
  const asked = entryQuery(query);
  if (!asked.ok) return asked.error;
  const { from, kind, limit } = asked.value;
  await access.record(identity, { what: 'audit', from });
  // After the record: who reads to the end reads of itself.
  const to = Math.min(asked.value.to, log.published.size);
  const indexes =
    kind === undefined
      ? rangeOf(from, Math.min(to, from + limit))
      : await ofKind(log, { from, to, kind, limit });
  const found = await Promise.all(
    indexes.map(async (index) => ({ log_index: index, entry: await log.read(index) })),
  );
  const last = indexes.at(-1);
  const more = last !== undefined && indexes.length === limit && last + 1 < to;
  return json(200, { entries: found, ...(more ? { next_from: last + 1 } : {}) });
}

interface EntryQuery {
  readonly from: number;
  readonly to: number;
  readonly kind: (typeof entryKinds)[number] | undefined;
  readonly limit: number;
}

function entryQuery(query: Exchange['query']): Result<EntryQuery, Failure> {
  const unknown = unknownParameter(query, entryParameters);
  if (unknown !== undefined) return { ok: false, error: unknown };
  const [from, to] = [naturalIn(query, 'from'), naturalIn(query, 'to')];
  const [kind, limit] = [choiceIn(query, 'kind', entryKinds), pageLimit(query, 1000)];
  if (!from.ok) return from;
  if (!to.ok) return to;
  if (!kind.ok) return kind;
  if (!limit.ok) return limit;
  return ok({
    from: from.value ?? 0,
    to: to.value ?? Number.MAX_SAFE_INTEGER,
    kind: kind.value,
    limit: limit.value,
  });
}

function rangeOf(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

/** One scan of as many rows as there are entries on the page. */
async function ofKind(
  { storage }: AuditPorts['log'],
  { from, to, kind, limit }: EntryQuery,
): Promise<readonly number[]> {
  const folder = indexFolder.kind(kind as string);
  const rows = await storage.scanIndex({
    folder,
    before: `${folder}${indexDigits(to)}`,
    limit,
    ...(from === 0 ? {} : { after: `${folder}${indexDigits(from - 1)}` }),
  });
  return rows.map(({ key }) => indexInKey(key));
}

/** A page costs one scan, and for each attempt one read and a scan of its decision's events. */
async function attempts({ log, access }: AuditPorts, { identity, query }: Exchange): Promise<Answer> {
  const unknown = unknownParameter(query, attemptParameters);
  if (unknown !== undefined) return unknown;
  const service = idIn(query, 'service');
  if (!service.ok) return service.error;
  const page = await timedPage(log.storage, indexFolder.attempts(service.value), query);
  if (!page.ok) return page.error;
  await access.record(identity, { what: 'audit' });
  const { rows, next } = page.value;
  const found = await Promise.all(rows.map(({ key, value }) => attempt(log, indexInKey(key), value)));
  return json(200, { attempts: found, ...(next === undefined ? {} : { next_cursor: next }) });
}

async function attempt(log: AuditPorts['log'], index: number, decision: string) {
  const entry = await log.read(index);
  const attempted = entry === undefined ? undefined : attemptedIn(entry);
  const at = await log.storage.readIndex(`${indexFolder.decision}${decision}`);
  const decided = at === undefined ? undefined : await log.read(Number(at));
  const ended = attempted === undefined ? undefined : await outcomeOf(log, decision, attempted.rank);
  return {
    log_index: index,
    time_micros: entry?.time,
    decision_id: decision,
    decision_index: Number(at),
    ...(decided?.kind === 'decision' ? { tenant: decided.certificate.inputs.caller.tenant } : {}),
    ...attempted,
    ...(ended === undefined
      ? { outcome: 'none', disclosed: true, reason: 'no outcome: counts as disclosed' }
      : {
          outcome: ended.entry.measured.result,
          disclosed: ended.entry.measured.result !== 'not_sent',
          outcome_index: ended.index,
          measured: ended.entry.measured,
          verdicts: ended.entry.verdicts,
        }),
  };
}

async function outcomeOf(
  log: AuditPorts['log'],
  decision: string,
  rank: number,
): Promise<{ readonly index: number; readonly entry: OutcomeEntry } | undefined> {
  const rows = await log.storage.scanIndex({ folder: indexFolder.trace(decision), limit: mostEvents });
  for (const { key, value } of rows) {
    if (value !== 'outcome') continue;
    const index = indexInKey(key);
    const entry = await log.read(index);
    if (entry?.kind === 'outcome' && entry.rank === rank) return { index, entry };
  }
  return undefined;
}
