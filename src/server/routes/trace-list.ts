import type { AttemptResult, DecisionEntry } from '../../log/entry.js';
import { indexFolder, indexInKey, type TraceOutcome } from '../../log/index-rows.js';
import type { DecisionPorts } from '../decisions/ports.js';
import { type Answer, json } from '../http/answer.js';
import type { Exchange } from '../http/route.js';
import { choiceIn, idIn, unknownParameter } from './query.js';
import { timedPage } from './timed-rows.js';

const results = [
  'answered',
  'rejected',
  'failed',
  'aborted',
  'not_sent',
] as const satisfies readonly AttemptResult[];
export const traceOutcomes = ['routed', 'refused', ...results] as const satisfies readonly TraceOutcome[];
export const traceParameters = ['service', 'from', 'to', 'outcome', 'cursor', 'limit'] as const;

/**
 * Decisions, the latest first, chosen by any of service (selected or called), time of the decision and outcome. Each combination has rows of its own, so a
 * page costs a scan of as many rows as it has decisions, and one read for each.
 */
export async function listTraces(
  ports: Pick<DecisionPorts, 'log' | 'access'>,
  { identity, query }: Exchange,
): Promise<Answer> {
  const unknown = unknownParameter(query, traceParameters);
  if (unknown !== undefined) return unknown;
  const [service, outcome] = [idIn(query, 'service'), choiceIn(query, 'outcome', traceOutcomes)];
  if (!service.ok) return service.error;
  if (!outcome.ok) return outcome.error;
  const everyTenant = identity.scopes.has('admin');
  const folder = indexFolder.traces({
    ...(everyTenant ? {} : { tenant: identity.document.caller.tenant }),
    ...(service.value === undefined ? {} : { service: service.value }),
    ...(outcome.value === undefined ? {} : { outcome: outcome.value }),
  });
  const page = await timedPage(ports.log.storage, folder, query);
  if (!page.ok) return page.error;
  const { rows, next } = page.value;
  if (everyTenant) await ports.access.record(identity, { what: 'traces' });
  const traces = await Promise.all(rows.map(({ key }) => summary(ports.log, indexInKey(key))));
  return json(200, { traces, ...(next === undefined ? {} : { next_cursor: next }) });
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
