/** Where a log is read from, in the layout of C2SP tlog-tiles. */
export interface LogSource {
  /** The signed checkpoint; or, of a store that keeps none, how far it goes and the root that it says it has. */
  readCheckpoint(): Promise<Uint8Array | UnsignedHead>;
  /** The bytes at a path such as `tile/0/000` or `tile/entries/000.p/7`; `undefined` when there are none. */
  read(path: string): Promise<Uint8Array | undefined>;
}

export interface UnsignedHead {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}
