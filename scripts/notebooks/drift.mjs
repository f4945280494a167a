// Drift: what a notebook says it printed, against what it prints.

/**
 * @typedef {import('./notebook-file.mjs').Notebook} Notebook
 * @typedef {import('./notebook-file.mjs').CodeCell} CodeCell
 * @typedef {import('./finding.mjs').Finding} Finding
 */

/**
 * @param {string} path
 * @param {Notebook} stored
 * @param {Notebook} run the same cells with the outputs of a run
 * @returns {Finding[]}
 */
export function checkOutputs(path, stored, run) {
  return stored.cells.flatMap((cell, index) => {
    const again = run.cells[index];
    if (cell.cell_type !== 'code' || again?.cell_type !== 'code') return [];
    const message = describeDifference(outputText(cell), outputText(again));
    if (message === undefined) return [];
    return [
      { path, at: { id: cell.id, ordinal: index + 1, line: 1 }, message: `output differs: ${message}` },
    ];
  });
}

/** @param {CodeCell} cell */
function outputText({ execution_count, outputs }) {
  return [
    `execution_count: ${execution_count}`,
    ...outputs.map((output) => JSON.stringify(output, sorted, 1)),
  ]
    .join('\n')
    .replaceAll('\\n', '\n');
}

/**
 * Key order is no difference.
 * @param {string} _key
 * @param {unknown} value
 */
function sorted(_key, value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The first line in which two texts differ, or undefined when they are the same.
 * @param {string} stored
 * @param {string} fresh
 */
export function describeDifference(stored, fresh) {
  if (stored === fresh) return undefined;
  const before = stored.split('\n');
  const after = fresh.split('\n');
  let line = 0;
  while (before[line] === after[line] && line < before.length) line += 1;
  return `line ${line + 1}: stored ${quote(before[line])}, now ${quote(after[line])}`;
}

/** @param {string | undefined} line */
function quote(line) {
  if (line === undefined) return 'nothing';
  return JSON.stringify(line.length > 160 ? `${line.slice(0, 160)}…` : line);
}
