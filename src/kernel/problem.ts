/**
 * One thing that is wrong with a caller's input (the *invalid* kind of error): a value, never thrown.
 * `path` is a JSON pointer (RFC 6901, '' is the whole document); `line` and `column` are 1-based, columns in UTF-16 units.
 */
export interface Problem {
  readonly code: string;
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
  readonly line?: number;
  readonly column?: number;
}
