import { err, type Result } from '../../kernel/result.js';

/** What can be wrong with the log's files or with what somebody says about them. */
export type TlogErrorCode =
  /** An index or a size that cannot be: negative, not exact, or beyond the tree. */
  | 'range_invalid'
  | 'tile_path_malformed'
  | 'tile_missing'
  | 'tile_malformed'
  | 'bundle_malformed'
  | 'entry_too_large'
  | 'hash_malformed'
  /** The proof has too few or too many hashes, or leads to another root. */
  | 'proof_wrong'
  | 'proof_malformed'
  | 'note_malformed'
  /** No signature by any key that was given. */
  | 'unsigned'
  /** A signature that claims a given key is not that key's. */
  | 'signature_wrong'
  /** A key of an algorithm that is not for this. */
  | 'key_unsuitable'
  | 'checkpoint_malformed'
  /** The checkpoint is of another log than the key. */
  | 'origin_wrong'
  | 'add_checkpoint_malformed'
  | 'receipt_malformed';

/** Wrong files and wrong claims are values: nothing of `tlog/` throws for what it was given from outside. */
export interface TlogError {
  readonly code: TlogErrorCode;
  readonly message: string;
}

export type TlogResult<T> = Result<T, TlogError>;

export function tlogError(code: TlogErrorCode, message: string): TlogResult<never> {
  return err({ code, message });
}
