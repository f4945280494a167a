import { randomBytes } from 'node:crypto';
import { type Assertion, parseAssertion, unknownNames } from '../../auditor/assertion.js';
import type { AuditPlan } from '../../auditor/plan.js';
import { encodeUtf8 } from '../../kernel/utf8.js';
import { parseSyntax } from '../../rules/syntax/parse.js';
import { CommandFailure } from '../failure.js';
import { readText } from '../files.js';
import { naturalOption } from '../log/natural-option.js';

export interface PlanOptions {
  readonly key?: string;
  readonly witness?: readonly string[];
  readonly quorum?: string;
  readonly from?: string;
  readonly to?: string;
  readonly level: string;
  readonly sample?: string;
  readonly seed?: string;
  readonly assert?: readonly string[];
  readonly since?: string;
  readonly list: string;
}

/** The options of the command as a plan. A seed that is not given is drawn here, after nothing of the plan can change any more. */
export async function planOf(options: PlanOptions): Promise<AuditPlan> {
  const { from, to, level, witness = [] } = options;
  if (level !== '2' && level !== '3') {
    throw new CommandFailure(
      'usage',
      `--level ${level} is not 2 or 3.`,
      [],
      'The log itself is levels 1, 4 and 5.',
    );
  }
  const quorum = options.quorum === undefined ? witness.length : naturalOption(options.quorum, '--quorum');
  if (quorum > witness.length) {
    throw new CommandFailure(
      'usage',
      `--quorum ${quorum} asks for more than the ${witness.length} --witness keys.`,
    );
  }
  const bounds = {
    from: from === undefined ? 0 : naturalOption(from, '--from'),
    ...(to === undefined ? {} : { to: naturalOption(to, '--to') }),
  };
  if (bounds.to !== undefined && bounds.to < bounds.from) {
    throw new CommandFailure('usage', `--to ${bounds.to} is before --from ${bounds.from}.`);
  }
  return {
    ...(options.key === undefined ? {} : { key: await keyText(options.key) }),
    witnesses: await Promise.all(witness.map(keyText)),
    quorum,
    ...bounds,
    level: level === '3' ? 3 : 2,
    ...sampleOf(options),
    assertions: (options.assert ?? []).map(assertionOf),
    ...(options.since === undefined
      ? {}
      : { since: encodeUtf8(await readText(options.since, 'Earlier checkpoint')) }),
    listed: naturalOption(options.list, '--list'),
  };
}

function sampleOf({ sample, seed, level }: PlanOptions): Pick<AuditPlan, 'sample'> {
  if (sample === undefined) {
    if (seed === undefined) return {};
    throw new CommandFailure('usage', '--seed is of a --sample.');
  }
  if (level === '3') {
    throw new CommandFailure(
      'usage',
      'With --level 3 every decision is checked: there is no --sample of them.',
    );
  }
  const size = naturalOption(sample, '--sample');
  if (size < 1 || size > 100_000)
    throw new CommandFailure('usage', `--sample ${sample} is not in 1 … 100000.`);
  return { sample: { size, seed: seed ?? randomBytes(16).toString('hex') } };
}

function assertionOf(text: string): Assertion {
  const syntax = parseSyntax(text);
  const hint = 'It is an expression of the policy fragment over request, context, user, service and now.';
  if (!syntax.ok) throw new CommandFailure('usage', `--assert ${text} cannot be read.`, syntax.error, hint);
  const assertion = parseAssertion(text);
  const problems = syntax.value.objection === undefined ? [] : [syntax.value.objection];
  if (assertion === undefined) {
    throw new CommandFailure('usage', `--assert ${text} is outside of the policy fragment.`, problems, hint);
  }
  const [unknown] = unknownNames(assertion);
  if (unknown === undefined) return assertion;
  const at = text.search(new RegExp(`(?<![\\w.])${unknown}\\b`));
  throw new CommandFailure(
    'usage',
    `--assert ${text} names ${unknown} (column ${at + 1}), which is nothing.`,
    [],
    hint,
  );
}

async function keyText(option: string): Promise<string> {
  return /^[^+\s]+\+[0-9a-f]{8}\+/.test(option) ? option : (await readText(option, 'Verifier key')).trim();
}
