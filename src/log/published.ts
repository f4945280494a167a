import { type Digest, digestFromBytes } from '../kernel/digest.js';
import type { Head } from './port.js';
import { type CheckpointSigner, signCheckpoint } from './tlog/checkpoint.js';
import { type Frontier, rootOf } from './tlog/frontier.js';

/** What the log has last said of itself. Everything below `size` is durable. */
export interface Published {
  readonly size: number;
  readonly root: Digest;
  /** A signed note (C2SP tlog-checkpoint). */
  readonly checkpoint: string;
}

export function headOf(frontier: Frontier): Head {
  return { size: frontier.size, root: digestFromBytes(rootOf(frontier)) };
}

/** Only for a frontier whose entries are durable: what is signed cannot be taken back. */
export function publish(frontier: Frontier, signer: CheckpointSigner): Published {
  const { size, root } = headOf(frontier);
  return { size, root, checkpoint: signCheckpoint(size, rootOf(frontier), signer) };
}
