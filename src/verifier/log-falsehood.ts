// Generated from notebooks/math/07_transparency_log.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

/** What can be false about a log, and nothing else. */
export type LogFalsehoodCode =
  | 'key_malformed'
  | 'note_malformed'
  /** No signature of the key that was asked for. */
  | 'unsigned'
  | 'signature_wrong'
  | 'checkpoint_malformed'
  | 'origin_wrong'
  | 'proof_malformed'
  | 'inclusion_wrong'
  | 'too_few_witnesses'
  | 'tile_missing'
  | 'tile_malformed'
  /** A tile above the lowest level is not the hashes of the level below. */
  | 'tile_wrong'
  | 'bundle_malformed';

export class LogFalsehood extends Error {
  constructor(
    readonly code: LogFalsehoodCode,
    message: string,
  ) {
    super(message);
  }
}

/** Throws unless `holds`. */
export function demand(holds: boolean, code: LogFalsehoodCode, message: string): asserts holds {
  if (!holds) throw new LogFalsehood(code, message);
}
