import type { Command } from 'commander';
import { formatTimestamp } from '../../contracts/timestamp.js';
import type { TraceQuery, TraceSummary } from '../../sdk/answers.js';
import { type ClientOptions, clientOf, clientOptions, failureOfServer } from '../client-options.js';
import { type CommandIo, tell } from '../io.js';
import { naturalOption } from '../log/natural-option.js';
import { parseTime } from '../time.js';

interface TracesOptions extends ClientOptions {
  readonly service?: string;
  readonly from?: string;
  readonly to?: string;
  readonly outcome?: NonNullable<TraceQuery['outcome']>;
  readonly cursor?: string;
  readonly limit: string;
  readonly json?: boolean;
}

export function addTraces(program: Command, io: CommandIo): void {
  clientOptions(program.command('traces'))
    .description(
      'List decisions that a running CAIO made, the latest first: those of your tenant; with scope admin, all.',
    )
    .option('--service <id>', 'that selected or called this service')
    .option('--from <time>', 'made at this time or later: RFC 3339, or microseconds since the epoch')
    .option('--to <time>', 'made before this time')
    .option(
      '--outcome <outcome>',
      'routed or refused; or with an attempt that answered, rejected, failed, aborted or was not_sent',
    )
    .option('--limit <n>', 'at most so many, up to 1000', '100')
    .option('--cursor <cursor>', 'those behind the page that gave this cursor')
    .option('--json', 'print JSON')
    .addHelpText('after', tracesHelp)
    .action((options: TracesOptions) => listTraces(options, io));
}

const tracesHelp = `
Any combination of the options costs the server as much as there are decisions on the page, not in the log.

Example:
  caio traces --service said --outcome failed --from 2026-03-01T00:00:00Z`;

async function listTraces(options: TracesOptions, io: CommandIo): Promise<void> {
  const { service, outcome, cursor } = options;
  const time = (text: string | undefined, option: string): string | undefined =>
    text === undefined ? undefined : formatTimestamp(parseTime(text, option));
  const [from, to] = [time(options.from, '--from'), time(options.to, '--to')];
  const query: TraceQuery = {
    limit: naturalOption(options.limit, '--limit', 1000),
    ...(service === undefined ? {} : { service }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  const client = await clientOf(options, io);
  const { items, next } = await client.traces(query).catch((error: unknown) => {
    throw failureOfServer(error);
  });
  const more = next === undefined ? '' : `more: --cursor ${next}\n`;
  tell(
    io,
    options.json,
    { traces: items, ...(next === undefined ? {} : { next_cursor: next }) },
    items.map(line).join('') + more,
  );
}

function line(trace: TraceSummary): string {
  const { decision_id: id, log_index: index, time_micros: time, tenant, intent, service, step } = trace;
  const came =
    service === undefined ? `refused at ${step}` : `routed to ${service.service} ${service.version}`;
  return `${formatTimestamp(time)}  ${String(index).padStart(7)}  ${id.slice(0, 16)}…  ${tenant}  ${intent}: ${came}\n`;
}
