// What a check says when it is red: the notebook, the cell and its line where known, and one sentence.

/**
 * @typedef {{ id: string, ordinal: number, line: number }} CellLine `ordinal` counts all cells of the notebook from 1,
 *   `line` the lines of the cell from 1
 * @typedef {{ path: string, at?: CellLine | undefined, message: string }} Finding `path` is relative to the root
 */

/** @param {Finding} finding */
export function formatFinding({ path, at, message }) {
  const place = at === undefined ? path : `${path} cell ${at.id} (#${at.ordinal}) line ${at.line}`;
  return `${place}: ${message}`;
}
