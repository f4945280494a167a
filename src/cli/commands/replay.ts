import type { Command } from 'commander';
import type { CommandIo } from '../io.js';
import { openSource, sourceHelp, sourceOptions } from '../log-source/open-source.js';
import { type ReplayOptions, runReplay } from '../replay/run-replay.js';

export function addReplay(program: Command, io: CommandIo): void {
  sourceOptions(program.command('replay'))
    .description(
      'What if: decide the decisions of a log again under other policies, contracts or parameters.',
    )
    .option('--policies <folder>', 'the policies to decide under')
    .option('--services <folder>', 'the contracts to decide under')
    .option('--parameters <file>', 'the parameters to decide under')
    .option('--on-top', 'keep the policies and contracts of the log whose ids the folders do not have')
    .option('--from <time|index>', 'the first decision: RFC 3339, or a log index; default: the first')
    .option('--to <time|index>', 'before this time or log index; default: to the last')
    .option('--report <file>', 'write the whole report there as JSON')
    .option('--show <n>', 'changed decisions to list in the text', '20')
    .option('--jobs <n>', 'threads that decide; default: one a core, and one for a short log')
    .option('--json', 'print the whole report as JSON')
    .addHelpText('after', `${replayHelp}\n${sourceHelp}${examples}`)
    .action(async (options: ReplayOptions) => {
      const source = await openSource(options, io);
      await runReplay(source, options, io).finally(() => source.close());
    });
}

const replayHelp = `
What replaces what: --policies takes the place of ALL policies, at every decision of the period, whatever was put or removed in between; --services the
same of all contracts; --parameters of the parameters. What is not given stays as it was at each decision. With --on-top a document of the folder replaces the one
of its id, or is added, and the others stay as they were at each decision. History and availability always stay; rows of services that are not there mean nothing.

What is decided again: the clear request, caller, time and seed of each decision. Commitments are carried over: what is sealed is not known here, so a context field
that the given policies read and those of the time had sealed counts as not given.

Each decision is first decided on the state that was: unless its certificate comes out byte for byte, nothing is reported (exit code 1). A decision counts as changed
when it is routed or refused otherwise, goes to another service, or has another chain, promise or step of refusal. Cost is that of the certified promise, latency the
promised one (p95, else p99, maximum, p50). The report is the same whatever --jobs says. Exit codes: 0 decided again, whether or not anything changes; 1 the log or the replay is not faithful.`;

const examples = `

Examples:
  caio replay --policies next/policies --log data
  caio replay --policies next/policies --on-top --from 2026-03-01T00:00:00Z --server http://127.0.0.1:8080 --report what-if.json`;
