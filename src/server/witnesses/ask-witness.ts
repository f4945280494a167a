import { Fault } from '../../kernel/errors.js';
import type { VerifierKey } from '../../kernel/verifier-key.js';
import type { StoragePort } from '../../log/port.js';
import type { Published } from '../../log/published.js';
import { storedTiles } from '../../log/stored-tiles.js';
import { verifyCheckpoint } from '../../log/tlog/checkpoint.js';
import { proveConsistency } from '../../log/tlog/consistency.js';
import { formatSignatureLine, type NoteSignature, parseNoteText } from '../../log/tlog/note.js';
import type { Submit, WitnessAddress } from './witness-client.js';

/** What a witness makes of one of our checkpoints. */
export type WitnessWord =
  /** `line`: its cosignature, verified. */
  | { readonly kind: 'cosigned'; readonly line: string }
  /** It has cosigned a larger log of this name. */
  | { readonly kind: 'ahead'; readonly size: number }
  /** It has cosigned a log of this name and that size with other entries. */
  | { readonly kind: 'forked'; readonly size: number }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Asks a witness to cosign a checkpoint, proving from our own tiles that it goes on from what the witness cosigned last: `lastSize` as far as
 * is known, else what its answer says. A few submissions at most: more than two where others ask it about the same log meanwhile. Rejects with Fault `unavailable` (not reached, out of protocol) and the store's.
 */
export async function askWitness(
  submit: Submit,
  witness: WitnessAddress,
  storage: StoragePort,
  { size, checkpoint }: Pick<Published, 'size' | 'checkpoint'>,
  logKey: VerifierKey,
  lastSize: number,
): Promise<WitnessWord> {
  let oldSize = Math.min(lastSize, size);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const proof = await proveConsistency(storedTiles(storage, size), oldSize, size);
    if (!proof.ok) throw new Fault('storage_failed', proof.error.message, { retryable: false });
    const answer = await submit(witness, { oldSize, proof: proof.value, checkpoint });
    switch (answer.kind) {
      case 'cosigned': {
        const line = cosignatureOf(witness.key, logKey, checkpoint, answer.signatures);
        return line === undefined
          ? { kind: 'refused', why: 'its answer has no cosignature of its key' }
          : { kind: 'cosigned', line };
      }
      case 'inconsistent':
        return { kind: 'forked', size: oldSize };
      case 'refused':
        return { kind: 'refused', why: `it answers ${answer.status}${reasons[answer.status] ?? ''}` };
      case 'stale':
        if (answer.size > size) return { kind: 'ahead', size: answer.size };
        // It names the very size that it was asked from: the roots differ there.
        if (answer.size === oldSize) return { kind: 'forked', size: oldSize };
        oldSize = answer.size;
        break;
      default:
        return answer satisfies never;
    }
  }
  return { kind: 'refused', why: 'it has been asked by somebody else meanwhile' };
}

const mostTries = 4;

const reasons: { readonly [status: number]: string } = {
  403: ': it trusts another key for this log',
  404: ': it does not know this log (add its verifier key to witness.yaml)',
};

/** The line of the witness among those it answered, once it verifies over the checkpoint; lines of other keys are passed over. */
function cosignatureOf(
  key: VerifierKey,
  logKey: VerifierKey,
  checkpoint: string,
  signatures: readonly NoteSignature[],
): string | undefined {
  const own = signatures.filter(({ name, hash }) => name === key.name && hash === key.hash);
  const line = own.map(formatSignatureLine)[0];
  const note = line === undefined ? undefined : parseNoteText(checkpoint + line);
  const opened = note?.ok ? verifyCheckpoint(note.value, logKey, [key]) : undefined;
  return opened?.ok && opened.value.cosigned.length === 1 ? line : undefined;
}
