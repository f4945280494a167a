// The notebook file: nbformat 4.5 JSON, read strictly and written the way Jupyter writes it, so that a notebook
// saved by an editor and one written here differ only where their content differs.

import { createHash } from 'node:crypto';

/**
 * @typedef {{ output_type: 'stream', name: 'stdout' | 'stderr', text: string }
 *   | { output_type: 'execute_result', execution_count: number, data: Record<string, unknown>, metadata: Record<string, unknown> }
 *   | { output_type: string } & Record<string, unknown>} Output multi-line texts are joined in memory
 * @typedef {{ cell_type: 'markdown' | 'raw', id: string, metadata: Record<string, unknown>, source: string }} TextCell
 * @typedef {{ cell_type: 'code', id: string, metadata: Record<string, unknown>, source: string,
 *   execution_count: number | null, outputs: Output[] }} CodeCell
 * @typedef {TextCell | CodeCell} Cell
 * @typedef {{ metadata: Record<string, any>, cells: Cell[] }} Notebook
 */

export const DEFAULT_METADATA = Object.freeze({
  kernelspec: { name: 'deno', display_name: 'Deno', language: 'typescript' },
  language_info: { name: 'typescript', file_extension: '.ts', mimetype: 'text/x.typescript' },
  ci: { ready: true },
});

const CELL_ID = /^[a-zA-Z0-9_-]{1,64}$/;

/** A notebook that cannot be read: the message names the place in the file. */
export class InvalidNotebook extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'InvalidNotebook';
  }
}

/**
 * Bytes to notebook. Throws InvalidNotebook for anything that is not nbformat 4.5 with unique cell ids.
 * @param {string} text
 * @returns {Notebook}
 */
export function parseNotebook(text) {
  const json = parseJson(text);
  if (!isRecord(json)) throw new InvalidNotebook('is not a JSON object');
  if (json.nbformat !== 4 || json.nbformat_minor !== 5) {
    throw new InvalidNotebook(`nbformat is ${json.nbformat}.${json.nbformat_minor}, expected 4.5`);
  }
  if (!isRecord(json.metadata)) throw new InvalidNotebook('metadata is not an object');
  if (!Array.isArray(json.cells)) throw new InvalidNotebook('cells is not a list');
  const cells = json.cells.map((cell, index) => parseCell(cell, `cells[${index}]`));
  const seen = new Set();
  for (const { id } of cells) {
    if (seen.has(id)) throw new InvalidNotebook(`cell id "${id}" is used twice`);
    seen.add(id);
  }
  return { metadata: json.metadata, cells };
}

/**
 * @param {unknown} cell
 * @param {string} path
 * @returns {Cell}
 */
function parseCell(cell, path) {
  if (!isRecord(cell)) throw new InvalidNotebook(`${path} is not an object`);
  const { cell_type, id, metadata, source, ...rest } = cell;
  if (typeof id !== 'string' || !CELL_ID.test(id)) throw new InvalidNotebook(`${path}.id is not a cell id`);
  if (!isRecord(metadata)) throw new InvalidNotebook(`${path}.metadata is not an object`);
  const body = { id, metadata, source: parseText(source, `${path}.source`) };
  if (cell_type === 'markdown' || cell_type === 'raw') {
    if ('attachments' in rest) throw new InvalidNotebook(`${path}.attachments are not supported`);
    return { cell_type, ...body };
  }
  if (cell_type !== 'code') throw new InvalidNotebook(`${path}.cell_type is not markdown, raw or code`);
  const count = rest.execution_count ?? null;
  if (count !== null && !Number.isInteger(count)) {
    throw new InvalidNotebook(`${path}.execution_count is not a whole number`);
  }
  if (!Array.isArray(rest.outputs)) throw new InvalidNotebook(`${path}.outputs is not a list`);
  const outputs = rest.outputs.map((output, index) => parseOutput(output, `${path}.outputs[${index}]`));
  return { cell_type, ...body, execution_count: /** @type {number | null} */ (count), outputs };
}

/**
 * @param {unknown} output
 * @param {string} path
 * @returns {Output}
 */
function parseOutput(output, path) {
  if (!isRecord(output) || typeof output.output_type !== 'string') {
    throw new InvalidNotebook(`${path} has no output_type`);
  }
  const joined = { ...output, output_type: output.output_type };
  if ('text' in output) Object.assign(joined, { text: parseText(output.text, `${path}.text`) });
  if (isRecord(output.data)) {
    Object.assign(joined, {
      data: mapValues(output.data, (value) => (isLines(value) ? value.join('') : value)),
    });
  }
  return /** @type {Output} */ (joined);
}

/**
 * Notebook to bytes: keys sorted, one space of indent, texts as lists of lines, a newline at the end.
 * @param {Notebook} notebook
 */
export function formatNotebook(notebook) {
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    source: lines(cell.source),
    ...('outputs' in cell && { outputs: cell.outputs.map(formatOutput) }),
  }));
  const json = { nbformat: 4, nbformat_minor: 5, metadata: notebook.metadata, cells };
  return `${JSON.stringify(sortKeys(json), null, 1)}\n`;
}

/** @param {Output} output */
function formatOutput(output) {
  const record = /** @type {Record<string, unknown>} */ (output);
  return {
    ...record,
    ...(typeof record.text === 'string' && { text: lines(record.text) }),
    ...(isRecord(record.data) && {
      data: mapValues(record.data, (value, mime) =>
        typeof value === 'string' && !mime.endsWith('json') ? lines(value) : value,
      ),
    }),
  };
}

/**
 * What the notebook says, without what it printed: `sha256:<hex>` over kind, id, tags and source of every cell.
 * Artifacts carry it; an artifact with another digest is stale.
 * @param {Notebook} notebook
 */
export function sourceDigest(notebook) {
  const said = notebook.cells.map((cell) => [cell.cell_type, cell.id, tagsOf(cell), cell.source]);
  return `sha256:${createHash('sha256').update(JSON.stringify(said)).digest('hex')}`;
}

/**
 * @param {Cell} cell
 * @returns {string[]}
 */
export function tagsOf(cell) {
  const { tags } = cell.metadata;
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
export function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidNotebook(`is not JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
}

/**
 * @param {unknown} value
 * @param {string} path
 */
function parseText(value, path) {
  if (typeof value === 'string') return value;
  if (isLines(value)) return value.join('');
  throw new InvalidNotebook(`${path} is not a text`);
}

/**
 * @param {unknown} value
 * @returns {value is string[]}
 */
function isLines(value) {
  return Array.isArray(value) && value.every((line) => typeof line === 'string');
}

/** @param {string} text */
function lines(text) {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/**
 * @param {Record<string, unknown>} record
 * @param {(value: unknown, key: string) => unknown} change
 */
function mapValues(record, change) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

/**
 * @param {unknown} value
 * @returns {unknown}
 */
function sortKeys(value) {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isRecord(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}
