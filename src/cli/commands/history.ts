import type { Command } from 'commander';
import { canonicalText } from '../../kernel/canonical.js';
import { formatDecimal } from '../../kernel/micro.js';
import type { ServiceHistory } from '../../sdk/answers.js';
import { type ClientOptions, clientOf, clientOptions, failureOfServer } from '../client-options.js';
import type { CommandIo } from '../io.js';

interface HistoryOptions extends ClientOptions {
  readonly json?: boolean;
}

export function addHistory(program: Command, io: CommandIo): void {
  clientOptions(program.command('history <service>'))
    .description(
      'Ask a running CAIO how a service kept its promises in the last history epoch, and whether its breaker holds it out.',
    )
    .option('--json', 'print the answer as JSON')
    .addHelpText(
      'after',
      `
A promise is "breach" where the counts refute it (the chance that an honest service is ever accused is at most 1 %), else "no evidence (n)"
after n trials. "allowed" is the share of calls that the promise lets miss: half for a median, 5 % for p95, none for a maximum.
The key needs scope decide or register.

Examples:
  caio history greeter --key-file acme.key
  caio history greeter --json | jq '.promises[] | select(.verdict == "breach")'`,
    )
    .action(async (service: string, options: HistoryOptions) => {
      const client = await clientOf(options, io);
      const history = await client.history(service).catch((error) => {
        throw failureOfServer(error);
      });
      io.out(options.json === true ? `${canonicalText(history)}\n` : historyText(history));
    });
}

function historyText(history: ServiceHistory): string {
  const { service, registered, epoch, trials, successes, promises, next_epoch: next } = history;
  const head = `${service}${registered ? '' : ' (no longer registered)'}`;
  const lines = [
    epoch.number === 0
      ? `${head}: no epoch has closed yet`
      : `${head}: ${successes} of ${trials} calls answered in epoch ${epoch.number}, log entries ${epoch.from} to ${epoch.to - 1}`,
    ...(history.latency ?? []).map(latencyLine),
    ...promises.map(promiseLine),
    breakerLine(history.breaker),
    `  epoch ${next.number} has counted ${next.trials} so far`,
  ];
  return `${lines.join('\n')}\n`;
}

function latencyLine({ at_most_ms: most, above_ms: above, successes }: Buckets[number]): string {
  return `  ${most === undefined ? `above ${above} ms` : `at most ${most} ms`}: ${successes}`;
}

type Buckets = NonNullable<ServiceHistory['latency']>;

function promiseLine({ property, p0_ppm: p0, trials, misses, verdict }: ServiceHistory['promises'][number]) {
  return `  ${property}: ${misses} of ${trials} missed, ${formatDecimal(p0, 4)} % allowed: ${verdict}`;
}

function breakerLine({ state, failures_in_a_row: failures, until_micros: until }: ServiceHistory['breaker']) {
  if (state === 'closed') return `  breaker closed, ${failures} failures in a row`;
  const end = until === undefined ? '' : ` until ${new Date(until / 1000).toISOString()}`;
  return `  breaker open${end}: held out of decisions`;
}
