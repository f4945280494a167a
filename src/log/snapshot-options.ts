/** How a log keeps state snapshots, for starts that need not read every entry. */
export interface SnapshotOptions {
  /** After how many entries the next snapshot is kept. */
  readonly every: number;
  /** Awaited between short stretches of work (under a millisecond), so that what waits has its turn. */
  readonly pause: () => Promise<void>;
  /** Told what went wrong with a snapshot where the log goes on without it. */
  readonly warn: (message: string) => void;
}
