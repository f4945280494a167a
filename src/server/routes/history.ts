import type { HistoryRow, PromiseCount } from '../../contracts/state.js';
import { itemOf } from '../../kernel/sorted-list.js';
import { streakOf } from '../../log/breaker.js';
import type { Breach } from '../../log/entry.js';
import type { Folded } from '../../log/fold.js';
import { type Answer, json } from '../http/answer.js';
import { failure } from '../http/failure.js';
import type { Route } from '../http/route.js';
import type { StatePorts } from '../state-change.js';

/** What is known of how services keep what they promise. */
export function historyRoutes({ log }: StatePorts): readonly Route[] {
  return [
    {
      method: 'GET',
      url: '/api/v1/services/:id/history',
      surface: 'caio',
      body: 'none',
      scopes: ['register', 'decide'],
      operation: {
        summary: 'How a service kept its promises in the last history epoch, and its circuit breaker',
        description:
          'A verdict is `breach`, where the counts refute the promise (the chance that an honest service is ever accused is at most 1 %), or `no evidence (n)` after n trials; never that a promise was kept.',
        tag: 'services',
        answers: {
          200: { description: 'The history of the service', schema: 'ServiceHistory' },
          404: { description: 'No such service, now or in the last epoch' },
        },
      },
      handle: ({ path }) => historyOf(log.view.folded, path.id as string),
    },
  ];
}

function historyOf(folded: Folded, service: string): Answer {
  const { state, epoch, breaches } = folded;
  const row = itemOf(state.history.rows, service, (item) => item.service);
  const registered = itemOf(state.contracts, service, (item) => item.id) !== undefined;
  if (!registered && row === undefined) return failure('not_found', 'There is no service of that id.');
  const { from, to } = state.history;
  return json(200, {
    service,
    registered,
    epoch: { number: epoch.epoch - 1, from, to },
    ...tableMembers(row, breaches),
    /** The epoch that is being counted. */
    next_epoch: { number: epoch.epoch, from: epoch.from, trials: epoch.rows.get(service)?.trials ?? 0 },
    breaker: breakerMember(folded, service),
    as_of: state.as_of,
  });
}

function tableMembers(row: HistoryRow | undefined, breaches: readonly Breach[]) {
  const { service = '', trials = 0, successes = 0, latency, promises = [] } = row ?? {};
  return {
    trials,
    successes,
    ...(latency === undefined ? {} : { latency: latency.flatMap(bucketMember) }),
    promises: promises.map((count) => promiseMember(service, count, breaches)),
  };
}

/** Buckets that are empty are left out; the last has no bound. */
function bucketMember(successes: number, bucket: number, buckets: readonly number[]) {
  if (successes === 0) return [];
  const bound = bucket < buckets.length - 1 ? { at_most_ms: 2 ** bucket } : { above_ms: 2 ** (bucket - 1) };
  return [{ ...bound, successes }];
}

function promiseMember(service: string, count: PromiseCount, breaches: readonly Breach[]) {
  const { property, p0_ppm: p0, trials, misses } = count;
  const breached = breaches.some(
    (breach) => breach.service === service && breach.property === property && breach.p0_ppm === p0,
  );
  return { property, p0_ppm: p0, trials, misses, verdict: breached ? 'breach' : `no evidence (${trials})` };
}

/** `open`: the breaker holds the service out. */
function breakerMember({ breakers, state }: Folded, service: string) {
  const since = breakers.heldOut.get(service);
  const { breaker } = state.parameters;
  return {
    state: since === undefined ? 'closed' : 'open',
    failures_in_a_row: streakOf(breakers, service),
    ...(breaker === undefined ? {} : { opens_at_failures: breaker.failures }),
    ...(since === undefined ? {} : { since_micros: since }),
    ...(since === undefined || breaker === undefined
      ? {}
      : { until_micros: since + breaker.cooldown_micros }),
  };
}
