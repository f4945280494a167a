import type { Checkpoint } from '../log/tlog/checkpoint.js';
import { verifyConsistency } from '../log/tlog/consistency.js';
import { sameHash } from '../log/tlog/hash-list.js';
import { emptyRoot } from '../log/tlog/tree-root.js';

/** What a witness makes of a checkpoint whose signature is right. */
export type Verdict =
  | { readonly kind: 'cosign' }
  /** The old size is not that of the checkpoint that was cosigned last; or it is, and the roots differ at one size. */
  | { readonly kind: 'stale'; readonly size: number }
  | { readonly kind: 'shrinks' }
  | { readonly kind: 'inconsistent'; readonly why: string };

/**
 * Whether `next` may be cosigned after `last` (C2SP tlog-witness, add-checkpoint): it goes on from exactly what was cosigned last, and the proof
 * shows it. Pure; two node hashes for each hash of the proof.
 */
export function consider(
  last: Pick<Checkpoint, 'size' | 'root'> | undefined,
  oldSize: number,
  next: Pick<Checkpoint, 'size' | 'root'>,
  proof: readonly Uint8Array[],
): Verdict {
  if (oldSize > next.size) return { kind: 'shrinks' };
  const { size, root } = last ?? { size: 0, root: emptyRoot };
  if (oldSize !== size) return { kind: 'stale', size };
  if (size === next.size && !sameHash(root, next.root)) return { kind: 'stale', size };
  const consistent = verifyConsistency(size, next.size, root, next.root, proof);
  return consistent.ok ? { kind: 'cosign' } : { kind: 'inconsistent', why: consistent.error.message };
}
