import type { StoragePort } from '../../log/port.js';
import type { Published } from '../../log/published.js';

/** A log that says what it has published. */
export interface PublishingLog {
  readonly published: Published;
  onPublished(listener: (published: Published) => void): () => void;
}

/** The part of a log that is witnessed. */
export interface WitnessableLog extends PublishingLog {
  readonly storage: StoragePort;
  /** Reads what other instances have committed. Rejects with the store's Fault. */
  refresh(): Promise<void>;
}
