import { type OpenedCheckpoint, openCheckpoint, parseCheckpoint } from '../verifier/log-checkpoint.js';
import { readLogEntry } from '../verifier/log-entry-shapes.js';
import { LogFalsehood } from '../verifier/log-falsehood.js';
import type { LogFault } from '../verifier/log-fault.js';
import { parseNote } from '../verifier/log-note.js';
import { entriesOfBundle } from '../verifier/log-tiles.js';
import type { AuditPlan } from './plan.js';
import type { Target } from './progress.js';
import type { LogSource, UnsignedHead } from './source.js';

/** What is to be audited, and what is false already of its checkpoint. */
export interface FoundTarget {
  readonly target: Target;
  readonly faults: readonly LogFault[];
}

/**
 * Fixes the root. A checkpoint that is not what it should be is a fault, and the audit goes on under it where it can be read at all: else
 * rejects with a LogFalsehood.
 */
export async function findTarget(
  source: LogSource,
  found: Uint8Array | UnsignedHead,
  plan: AuditPlan,
): Promise<FoundTarget> {
  const given = plan.key === undefined ? {} : { key: plan.key };
  if (!(found instanceof Uint8Array)) {
    const unsigned = { ...found, keyFrom: 'given', signed: false, witnesses: [] } as const;
    return withSince({ target: { ...unsigned, ...given }, faults: [] }, plan);
  }
  const checkpoint = parseCheckpoint(parseNote(found).text);
  const named = plan.key === undefined ? await keyInGenesis(source, checkpoint.size) : undefined;
  const key = plan.key ?? named;
  const opened = await opening(found, key, plan);
  const { origin, size, root } = checkpoint;
  const target: Target = {
    origin,
    size,
    root,
    ...(key === undefined ? {} : { key }),
    keyFrom: plan.key === undefined ? 'genesis' : 'given',
    signed: !('code' in opened),
    witnesses: 'code' in opened ? [] : opened.witnesses.map(({ name }) => name),
  };
  const faults: LogFault[] = 'code' in opened ? [{ ...opened, index: size }] : [];
  return withSince({ target, faults }, { ...plan, ...(key === undefined ? {} : { key }) });
}

async function opening(
  note: Uint8Array,
  key: string | undefined,
  { witnesses, quorum }: AuditPlan,
): Promise<OpenedCheckpoint | Omit<LogFault, 'index'>> {
  if (key === undefined) {
    return {
      code: 'checkpoint_forged',
      message: 'no key was given, and the log names none in its first entry',
    };
  }
  try {
    return await openCheckpoint(note, key, witnesses, quorum);
  } catch (error) {
    // A key that is no key is the auditor's own mistake.
    if (!(error instanceof LogFalsehood) || error.code === 'key_malformed') throw error;
    const code = error.code === 'too_few_witnesses' ? error.code : 'checkpoint_forged';
    return { code, message: `${error.code}: ${error.message}` };
  }
}

/** The key that the log says is its own. Who has no other knows then only that the log is one whole. */
async function keyInGenesis(source: LogSource, size: number): Promise<string | undefined> {
  if (size === 0) return undefined;
  const name = { level: 'entries', index: 0, width: Math.min(size, 256) } as const;
  const [first] = entriesOfBundle(name, await source.readBundle(name));
  try {
    const entry = first === undefined ? undefined : readLogEntry(first);
    return entry?.kind === 'genesis' ? entry.verifier_key : undefined;
  } catch {
    return undefined;
  }
}

async function withSince({ target, faults }: FoundTarget, plan: AuditPlan): Promise<FoundTarget> {
  if (plan.since === undefined) return { target, faults };
  const earlier = parseCheckpoint(parseNote(plan.since).text);
  const opened = await opening(plan.since, plan.key, { ...plan, witnesses: [], quorum: 0 });
  const found: LogFault[] = [...faults];
  if ('code' in opened) {
    found.push({ ...opened, index: earlier.size, message: `the earlier checkpoint: ${opened.message}` });
  }
  if (earlier.size > target.size) {
    const message = `it had ${earlier.size} entries at the earlier checkpoint, and has ${target.size}`;
    found.push({ code: 'log_went_back', index: target.size, message });
  }
  return { target: { ...target, since: { size: earlier.size, root: earlier.root } }, faults: found };
}
