/** Where a log is read from: what C2SP tlog-tiles serves. Nothing that it gives is believed. */
export interface LogSource {
  /** `undefined` for a tile or bundle that is not there. */
  readTile(tile: {
    readonly level: number;
    readonly index: number;
    readonly width: number;
  }): Promise<Uint8Array | undefined>;
  readBundle(bundle: { readonly index: number; readonly width: number }): Promise<Uint8Array | undefined>;
}

/** How far a store says it goes, where it keeps no signed checkpoint. */
export interface UnsignedHead {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}
