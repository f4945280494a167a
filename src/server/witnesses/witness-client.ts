import { Fault } from '../../kernel/errors.js';
import type { VerifierKey } from '../../kernel/verifier-key.js';
import {
  type AddCheckpoint,
  formatAddCheckpoint,
  parseCosignatureLines,
  parseStaleSize,
  staleSizeType,
} from '../../log/tlog/add-checkpoint.js';
import type { NoteSignature } from '../../log/tlog/note.js';

/** A witness of the log: where it is asked, and whose cosignatures count as its own. */
export interface WitnessAddress {
  /** Submission prefix; `/add-checkpoint` is put behind it. */
  readonly url: string;
  /** Of algorithm 4. */
  readonly key: VerifierKey;
}

/** What a witness answers (C2SP tlog-witness). */
export type SubmissionAnswer =
  | { readonly kind: 'cosigned'; readonly signatures: readonly NoteSignature[] }
  /** 409: the size that it cosigned last. */
  | { readonly kind: 'stale'; readonly size: number }
  /** 422: the proof does not lead from what it cosigned to this checkpoint. */
  | { readonly kind: 'inconsistent' }
  /** It does not know this log, or finds the submission wrong in another way. */
  | { readonly kind: 'refused'; readonly status: number };

/** Sends a submission. Rejects with Fault `unavailable` when there is no answer in time or none in protocol. */
export type Submit = (witness: WitnessAddress, submission: AddCheckpoint) => Promise<SubmissionAnswer>;

const maxAnswerBytes = 64 * 1024;

/** `Submit` over HTTP, until `end` aborts. Follows no redirects. */
export function httpSubmit(timeoutMillis: number, end: AbortSignal): Submit {
  return async ({ url, key }, submission) => {
    const fault = (why: string, cause?: unknown) =>
      new Fault('unavailable', `witness ${key.name} ${why}`, { retryable: true, subject: key.name, cause });
    let response: Response;
    let body: Uint8Array;
    try {
      response = await fetch(`${url.replace(/\/+$/, '')}/add-checkpoint`, {
        method: 'POST',
        redirect: 'error',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: formatAddCheckpoint(submission),
        signal: AbortSignal.any([end, AbortSignal.timeout(timeoutMillis)]),
      });
      body = await bytesOf(response);
    } catch (cause) {
      throw fault('cannot be reached', cause);
    }
    const answer = meaningOf(response, body);
    if (answer === undefined) throw fault(`answers ${response.status} out of protocol`);
    return answer;
  };
}

function meaningOf(response: Response, body: Uint8Array): SubmissionAnswer | undefined {
  const { status } = response;
  if (status === 200) {
    const lines = parseCosignatureLines(body);
    return lines.ok ? { kind: 'cosigned', signatures: lines.value } : undefined;
  }
  if (status === 409) {
    const type = response.headers.get('content-type')?.split(';')[0]?.trim();
    const size = type === staleSizeType ? parseStaleSize(body) : undefined;
    return size?.ok ? { kind: 'stale', size: size.value } : undefined;
  }
  if (status === 422) return { kind: 'inconsistent' };
  return status === 400 || status === 403 || status === 404 ? { kind: 'refused', status } : undefined;
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > maxAnswerBytes) throw new Error('the answer is too large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}
