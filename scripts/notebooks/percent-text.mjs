// The percent text of a notebook: one TypeScript file in which `// %%` lines open cells. It is a working format for
// writing and reviewing; the .ipynb stays the truth. Formatting and parsing are inverse, outputs aside.
//
//   // %% [notebook] module=src/verifier/canonical.ts meta={"title":"Canonical text"}
//   // %% [markdown] id=intro
//   // # Canonical text
//   // %% id=canonical-text tags=extract
//   export function canonicalText(value: Json): string { … }

import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_METADATA, InvalidNotebook, isRecord, tagsOf } from './notebook-file.mjs';

/** @typedef {import('./notebook-file.mjs').Cell} Cell */
/** @typedef {import('./notebook-file.mjs').Notebook} Notebook */

const HEADER = /^\/\/ %%(.*)$/;
// A body line that looks like a header carries one more backslash in the percent text than in the cell.
const HEADER_IN_BODY = /^\/\/ (\\*)%%/;
const ESCAPED_HEADER = /^\/\/ \\(\\*)%%/;

/**
 * @param {Notebook} notebook
 * @returns {string}
 */
export function formatPercentText(notebook) {
  const { module, rest } = splitMetadata(notebook.metadata);
  const text = ['// %% [notebook]'];
  if (module !== undefined) text[0] += ` module=${module}`;
  if (!isDeepStrictEqual(rest, DEFAULT_METADATA)) text[0] += ` meta=${JSON.stringify(rest)}`;
  text.push('');
  for (const cell of notebook.cells) {
    text.push(formatHeader(cell));
    const prefix = cell.cell_type === 'code' ? (/** @type {string} */ line) => line : comment;
    text.push(
      ...cell.source.split('\n').map((line) => prefix(line).replace(HEADER_IN_BODY, '// \\$1%%')),
      '',
    );
  }
  return text.join('\n');
}

/**
 * The module has a word of its own in the header; everything else travels inside `meta=`.
 * @param {Record<string, any>} metadata
 * @returns {{ module?: string, rest: Record<string, any> }}
 */
function splitMetadata(metadata) {
  const { caio, ...others } = metadata;
  if (!isRecord(caio) || typeof caio.module !== 'string' || !/^\S+$/.test(caio.module))
    return { rest: metadata };
  const { module, ...otherCaio } = caio;
  return {
    module: caio.module,
    rest: Object.keys(otherCaio).length > 0 ? { ...others, caio: otherCaio } : others,
  };
}

/** @param {Cell} cell */
function formatHeader(cell) {
  const { tags: _, ...otherMetadata } = cell.metadata;
  const words = ['// %%'];
  if (cell.cell_type !== 'code') words.push(`[${cell.cell_type}]`);
  words.push(`id=${cell.id}`);
  if (tagsAreSimple(cell)) {
    if (tagsOf(cell).length > 0) words.push(`tags=${tagsOf(cell).join(',')}`);
    if (Object.keys(otherMetadata).length > 0) words.push(`meta=${JSON.stringify(otherMetadata)}`);
  } else {
    words.push(`meta=${JSON.stringify(cell.metadata)}`);
  }
  return words.join(' ');
}

/**
 * Tags that survive `tags=a,b`; others travel inside `meta=`.
 * @param {Cell} cell
 */
function tagsAreSimple(cell) {
  const { tags } = cell.metadata;
  if (tags === undefined) return true;
  return (
    Array.isArray(tags) &&
    tags.length > 0 &&
    tags.every((tag) => typeof tag === 'string' && /^[^\s,]+$/.test(tag))
  );
}

/** @param {string} line */
function comment(line) {
  return line === '' ? '//' : `// ${line}`;
}

/**
 * Percent text to notebook. With an `earlier` version of the notebook, a code cell whose id and source are unchanged
 * keeps its outputs, and notebook metadata that the text does not state is kept.
 * @param {string} text
 * @param {Notebook} [earlier]
 * @returns {Notebook}
 */
export function parsePercentText(text, earlier) {
  const blocks = splitBlocks(text);
  /** @type {Record<string, any>} */
  let metadata = earlier?.metadata ?? { ...DEFAULT_METADATA };
  const first = blocks[0];
  if (first?.header.kind === 'notebook') {
    blocks.shift();
    if (first.body.some((line) => line.trim() !== ''))
      throw new InvalidNotebook('text between [notebook] and a cell');
    metadata = { ...(first.header.meta ?? DEFAULT_METADATA) };
    if (first.header.module !== undefined) metadata.caio = { ...metadata.caio, module: first.header.module };
  }
  const previous = new Map(earlier?.cells.map((cell) => [cell.id, cell]));
  /** @type {Set<string>} */
  const ids = new Set();
  const cells = blocks.map(({ header, body, line }) => {
    const cell = makeCell(header, body, line, ids);
    const before = previous.get(cell.id);
    if (cell.cell_type !== 'code' || before?.cell_type !== 'code' || before.source !== cell.source)
      return cell;
    return { ...cell, execution_count: before.execution_count, outputs: before.outputs };
  });
  return { metadata, cells };
}

/**
 * @typedef {{ kind: string, id?: string, tags?: string[], module?: string, meta?: Record<string, unknown> }} Header
 * @param {string} text
 * @returns {{ header: Header, body: string[], line: number }[]}
 */
function splitBlocks(text) {
  /** @type {{ header: Header, body: string[], line: number }[]} */
  const blocks = [];
  for (const [index, line] of text.split('\n').entries()) {
    const header = HEADER.exec(line);
    const block = blocks.at(-1);
    if (header) blocks.push({ header: parseHeader(header[1] ?? '', index + 1), body: [], line: index + 1 });
    else if (block) block.body.push(line.replace(ESCAPED_HEADER, '// $1%%'));
    else if (line.trim() !== '') throw new InvalidNotebook(`line ${index + 1}: text before the first // %%`);
  }
  // The blank line before the next header (or the end of the file) separates; it is no part of the cell.
  for (const { body } of blocks) if (body.at(-1) === '') body.pop();
  return blocks;
}

/**
 * @param {string} text what follows `// %%`
 * @param {number} line
 * @returns {Header}
 */
function parseHeader(text, line) {
  const [, kind = 'code', words = ''] = /^\s*(?:\[(\w+)\])?(.*)$/.exec(text) ?? [];
  /** @type {Header} */
  const header = { kind };
  let rest = words.trim();
  while (rest !== '') {
    const [all, key, value] = /^(id|tags|module)=(\S+)\s*/.exec(rest) ?? /^(meta)=(.*)$/.exec(rest) ?? [];
    if (all === undefined || key === undefined || value === undefined) {
      throw new InvalidNotebook(`line ${line}: cannot read "${rest}" (known: id= tags= module= meta=)`);
    }
    if (key === 'meta') header.meta = parseMeta(value, line);
    else if (key === 'tags') header.tags = value.split(',').filter((tag) => tag !== '');
    else if (key === 'id') header.id = value;
    else header.module = value;
    rest = rest.slice(all.length);
  }
  return header;
}

/**
 * @param {string} value
 * @param {number} line
 */
function parseMeta(value, line) {
  try {
    const meta = JSON.parse(value);
    if (isRecord(meta)) return meta;
  } catch {
    // Falls through: both cases are the same mistake to the reader.
  }
  throw new InvalidNotebook(`line ${line}: meta= is not a JSON object`);
}

/**
 * @param {Header} header
 * @param {string[]} body
 * @param {number} line
 * @param {Set<string>} ids the ids used so far; grows
 * @returns {Cell}
 */
function makeCell(header, body, line, ids) {
  const { kind, tags, meta } = header;
  if (kind !== 'code' && kind !== 'markdown' && kind !== 'raw') {
    throw new InvalidNotebook(`line ${line}: [${kind}] is not a kind of cell here`);
  }
  const source = (kind === 'code' ? body : body.map(uncomment)).join('\n');
  const id = header.id ?? freshId(kind, source, ids);
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(id)) throw new InvalidNotebook(`line ${line}: "${id}" is not a cell id`);
  if (ids.has(id)) throw new InvalidNotebook(`line ${line}: cell id "${id}" is used twice`);
  ids.add(id);
  const metadata = { ...meta, ...(tags !== undefined && { tags }) };
  if (kind === 'code') return { cell_type: kind, id, metadata, source, execution_count: null, outputs: [] };
  return { cell_type: kind, id, metadata, source };
}

/**
 * The id of a cell that states none follows from its text, so repacking the same text gives the same notebook.
 * @param {string} kind
 * @param {string} source
 * @param {Set<string>} ids
 */
function freshId(kind, source, ids) {
  const base = `${kind}-${createHash('sha256').update(source).digest('hex').slice(0, 8)}`;
  let id = base;
  for (let copy = 2; ids.has(id); copy += 1) id = `${base}-${copy}`;
  return id;
}

/** @param {string} line */
function uncomment(line) {
  if (line === '//') return '';
  return line.startsWith('// ') ? line.slice(3) : line;
}
