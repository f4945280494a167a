import { decodeBase64 } from '../kernel/base64.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { decodeUtf8 } from '../kernel/utf8.js';
import { type ChangeRefusal, checkChange, maxChangeBytes, requiredSignatures } from '../log/change-note.js';
import { type ChangeEntry, formatChange, statementOf } from '../log/change-statement.js';
import type { Author } from '../log/entry.js';
import { type Folded, fold } from '../log/fold.js';
import type { Appended, Log, View } from '../log/log.js';
import type { Snapshot } from '../orchestrator/snapshot.js';
import { type Failure, failure, invalid } from './http/failure.js';
import type { Exchange } from './http/route.js';
import type { Identity } from './identity/identity.js';

/** What a put, removal or revocation needs from the world. */
export interface StatePorts {
  readonly log: Log<Snapshot>;
}

/** The header of a signed change: base64 of the note. */
export const changeHeader = 'x-caio-change';

/**
 * Appends the entries that `plan` makes of the state at hand, with the signed note that came with the request. What the parameters of that
 * state ask to be signed is not appended without (log calculus section 6): every change that a request makes goes through here. `explain`
 * makes an answer of the problems with which a snapshot cannot be built: nothing is appended then.
 */
export async function changeState(
  { log }: StatePorts,
  exchange: Exchange,
  plan: (view: View<Snapshot>) => Result<readonly ChangeEntry[], Failure>,
  explain: (problems: readonly Problem[]) => Failure,
): Promise<Result<Appended<Snapshot>, Failure>> {
  const note = noteOf(exchange);
  if (!note.ok) return note;
  const appended = await log.appendState<Failure>((view) => {
    const planned = plan(view);
    return planned.ok ? signed(planned.value, note.value, view.folded) : planned;
  });
  if (appended.ok) return appended;
  return err('kind' in appended.error ? appended.error : explain(appended.error));
}

export function authorOf({ document: { caller } }: Identity): Author {
  return { method: caller.method, key_id: caller.key_id };
}

function noteOf({ header }: Exchange): Result<string | undefined, Failure> {
  const encoded = header(changeHeader);
  if (encoded === undefined) return ok(undefined);
  const bytes = encoded.length > 2 * maxChangeBytes ? undefined : decodeBase64(encoded);
  const text = bytes === undefined ? undefined : decodeUtf8(bytes);
  if (text?.ok === true) return text;
  const message = `${changeHeader} is not base64 of a note of at most ${maxChangeBytes} bytes of UTF-8`;
  return err(invalid('invalid_request', [{ code: 'change_malformed', path: '', message }]));
}

function signed(
  planned: readonly ChangeEntry[],
  note: string | undefined,
  folded: Folded,
): Result<readonly ChangeEntry[], Failure> {
  const entries: ChangeEntry[] = [];
  let before = folded;
  for (const entry of planned) {
    const noted = note === undefined ? entry : { ...entry, change: note };
    const checked = checkChange(noted, before);
    if (!checked.ok) return err(notSigned(checked.error, noted, before));
    entries.push(noted);
    before = fold(before, noted);
  }
  return ok(entries);
}

const proposedExpiryMicros = 3_600_000_000;

/** With the text that has to be signed, so that whoever asked can have it signed and ask again. */
function notSigned({ code, message }: ChangeRefusal, entry: ChangeEntry, before: Folded): Failure {
  const statement = formatChange(statementOf(entry, before.origin, entry.time + proposedExpiryMicros));
  return failure('change_not_signed', `${message}.`, {
    members: { reason: code, required: requiredSignatures(entry, before), statement },
  });
}
