import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import type { AuditPlan } from '../../auditor/plan.js';
import type { Progress } from '../../auditor/progress.js';
import { canonicalText } from '../../kernel/canonical.js';
import { CommandFailure } from '../failure.js';
import { writeText } from '../files.js';

const magic = Buffer.from('caio/audit-progress/v2\n');
const hashBytes = 32;

/** What an audit is about: a resumed one must be about the same. The key may have come from the log itself. */
function fingerprint({ assertions, since, ...plan }: AuditPlan): string {
  const texts = assertions.map(({ text }) => text);
  const earlier = since === undefined ? '' : Buffer.from(since).toString('base64');
  return canonicalText({ ...plan, texts, earlier });
}

/** Written beside and renamed: whoever reads finds the old one or the new one. Memory of the audit's own size. */
export async function saveProgress(file: string, plan: AuditPlan, progress: Progress): Promise<void> {
  const body = serialize({ plan: fingerprint(plan), progress });
  const hash = createHash('sha256').update(body).digest();
  await writeText(file, Buffer.concat([magic, hash, body]), 0o600);
}

/** `undefined` when there is no such file yet. A file that is another audit's, or not whole, is a CommandFailure. */
export async function readProgress(file: string, plan: AuditPlan): Promise<Progress | undefined> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new CommandFailure('io_failed', `${file} could not be read (${cause.code ?? 'unknown cause'}).`);
  });
  if (bytes === undefined) return undefined;
  const body = bytes.subarray(magic.length + hashBytes);
  const whole = createHash('sha256').update(body).digest();
  const kept = bytes.subarray(magic.length, magic.length + hashBytes);
  if (!bytes.subarray(0, magic.length).equals(magic) || !whole.equals(kept)) {
    throw new CommandFailure(
      'usage',
      `${file} is not a state of an audit, or not a whole one.`,
      [],
      'Remove it to begin again.',
    );
  }
  const saved = deserialize(body) as { readonly plan: string; readonly progress: Progress };
  if (saved.plan === fingerprint(plan)) return saved.progress;
  throw new CommandFailure(
    'usage',
    `${file} is the state of an audit with other options.`,
    [],
    'Resume with the options that it was begun with, or name another file.',
  );
}
