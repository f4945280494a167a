import type { Head } from '../../log/port.js';
import type { BundleName } from '../../log/tlog/tile-path.js';
import type { TileReader } from '../../log/tlog/tile-reader.js';

/**
 * Where a log is read from: a server, a store (LMDB folder or database), or a folder of tiles. Nothing that it gives is verified: who reads hashes it. Every call
 * rejects with a Fault or a CommandFailure when the world fails.
 */
export interface LogSource extends TileReader {
  /** The URL, folder or database, for messages. */
  readonly place: string;
  /**
   * The latest checkpoint, a signed note, or one of an earlier size. A server and a folder of tiles have the latest only; a store has none
   * stored: any is signed when a signing key was given. A CommandFailure `usage` says what to give where there is none.
   */
  checkpoint(size?: number): Promise<string>;
  /** Size and root as the source says them; the same for as long as it is open. */
  head(): Promise<Head>;
  /** `undefined` for a bundle that is not there, or reaches beyond the head. Any width from 1 up to that at the head. */
  readBundle(bundle: BundleName): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}
