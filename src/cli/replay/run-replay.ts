import { availableParallelism } from 'node:os';
import type { DecisionEntry } from '../../log/entry.js';
import type { Replacement } from '../../replay/replacement.js';
import type { Changed, ReplayFault } from '../../replay/replay.js';
import { addTo, noTotals } from '../../replay/totals.js';
import { CommandFailure } from '../failure.js';
import { writeText } from '../files.js';
import { type CommandIo, tell } from '../io.js';
import { loadGiven } from '../load-state.js';
import { jobsOption, naturalOption } from '../log/natural-option.js';
import type { LogSource } from '../log-source/log-source.js';
import type { SourceOptions } from '../log-source/open-source.js';
import { parseTime } from '../time.js';
import { decideAllAgain } from './decide-again.js';
import { type Report, reportOf } from './report.js';
import { reportText } from './report-text.js';

export interface ReplayOptions extends SourceOptions {
  readonly policies?: string;
  readonly services?: string;
  readonly parameters?: string;
  readonly onTop?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly report?: string;
  readonly show: string;
  readonly jobs?: string;
  readonly json?: boolean;
}

export async function runReplay(source: LogSource, options: ReplayOptions, io: CommandIo): Promise<void> {
  const replacement = await replacementIn(options);
  const within = periodOf(options);
  const shown = naturalOption(options.show, '--show');
  const started = io.now();
  const jobs = await jobsFor(source, options.jobs);
  const totals = noTotals();
  const changes: Changed[] = [];
  await decideAllAgain(source, io, { replacement, within, jobs }, ({ result }) => {
    if (!result.ok) throw failureOf(result.error);
    addTo(totals, result.value);
    if (result.value.changed !== undefined) changes.push(result.value.changed);
  });
  const report = reportOf({
    source: source.place,
    head: await source.head(),
    replacement,
    options,
    totals,
    changes,
  });
  if (options.report !== undefined)
    await writeText(options.report, `${JSON.stringify(report, undefined, 1)}\n`);
  tell(io, options.json, report, textFor(report, options, shown, io.now() - started));
}

/** Threads start in the time that some thousand decisions take on one. */
const fewEntries = 5_000;

async function jobsFor(source: LogSource, asked: string | undefined): Promise<number> {
  if (asked !== undefined) return jobsOption(asked);
  return (await source.head()).size < fewEntries ? 1 : availableParallelism();
}

function textFor(report: Report, options: ReplayOptions, shown: number, micros: number): string {
  const rate = Math.round(report.decisions / Math.max(micros / 1e6, 0.001));
  const more = options.report === undefined ? '--report FILE or --json' : options.report;
  return `${reportText(report, shown, more)}${report.decisions} decisions in ${(micros / 1e6).toFixed(1)} s, ${rate} a second\n`;
}

async function replacementIn(options: ReplayOptions): Promise<Replacement> {
  const { policies, services, parameters } = options;
  if (policies === undefined && services === undefined && parameters === undefined) {
    throw new CommandFailure(
      'usage',
      'There is nothing to replace.',
      [],
      'Give --policies, --services or --parameters.',
    );
  }
  const files = {
    ...(policies === undefined ? {} : { policies }),
    ...(services === undefined ? {} : { services }),
    ...(parameters === undefined ? {} : { parameters }),
  };
  return { ...(await loadGiven(files)), mode: options.onTop === true ? 'on top' : 'in place' };
}

type Within = (entry: DecisionEntry, index: number) => boolean;

/** A bound is an index when it is a whole number, and else a time, held against the time of the decision. */
function periodOf({ from, to }: Pick<ReplayOptions, 'from' | 'to'>): Within {
  const bound = (
    text: string | undefined,
    option: string,
    otherwise: number,
  ): ((e: DecisionEntry, i: number) => number) => {
    if (text === undefined) return () => otherwise;
    if (/^\d+$/.test(text)) {
      const least = naturalOption(text, option);
      return (_, index) => index - least;
    }
    const time = parseTime(text, option);
    return ({ certificate }) => certificate.inputs.time - time;
  };
  const [sinceFrom, sinceTo] = [bound(from, '--from', 0), bound(to, '--to', -1)];
  return (entry, index) => sinceFrom(entry, index) >= 0 && sinceTo(entry, index) < 0;
}

function failureOf(fault: ReplayFault): CommandFailure {
  switch (fault.kind) {
    case 'not_faithful':
      return new CommandFailure(
        'verification_failed',
        `The replay is not faithful: the decision at index ${fault.log_index} (${fault.decision_id}) does not come out as it is in the log, with nothing replaced.`,
        [],
        'It was made by another version of CAIO, or the log was changed: caio audit tells which. Nothing is reported.',
      );
    case 'state':
      return new CommandFailure(
        fault.replaced ? 'invalid_policy' : 'verification_failed',
        fault.replaced
          ? `The state before index ${fault.log_index} does not build with what is given.`
          : `The state before index ${fault.log_index} of the log does not build.`,
        fault.problems,
      );
    default:
      return fault satisfies never;
  }
}
