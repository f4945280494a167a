// A notebook as one ES module cut into cells: the code cells in order, each followed by a newline and a semicolon, so
// that no statement reaches into the next cell and every line of the text belongs to one cell.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { parseNotebook } from './notebook-file.mjs';

/**
 * @typedef {import('./notebook-file.mjs').CodeCell} CodeCell
 * @typedef {import('./notebook-file.mjs').Notebook} Notebook
 * @typedef {import('./finding.mjs').CellLine} CellLine
 * @typedef {import('./finding.mjs').Finding} Finding
 * @typedef {{ cell: CodeCell, ordinal: number, start: number, end: number, firstLine: number }} Span offsets into the
 *   joined text, `firstLine` from 0
 * @typedef {{ path: string, notebook: Notebook, text: string, spans: Span[], syntax: ts.SourceFile,
 *   checker: ts.TypeChecker }} CellModule `path` is relative to the root, with forward slashes; the checker knows the
 *   names of this text alone, no libraries and no imports
 */

export const SEPARATOR = '\n;\n';

/**
 * Reads one notebook. Throws InvalidNotebook when the file is not one.
 * @param {string} root
 * @param {string} path relative to the root
 * @returns {CellModule}
 */
export function readCellModule(root, path) {
  const notebook = parseNotebook(readFileSync(join(root, path), 'utf8'));
  const { text, spans } = joinCells(notebook);
  return { path, notebook, text, spans, ...bindNames(text) };
}

/** @param {Notebook} notebook */
function joinCells(notebook) {
  let text = '';
  let firstLine = 0;
  /** @type {Span[]} */
  const spans = [];
  for (const [index, cell] of notebook.cells.entries()) {
    if (cell.cell_type !== 'code') continue;
    const start = text.length;
    text += cell.source + SEPARATOR;
    spans.push({ cell, ordinal: index + 1, start, end: start + cell.source.length, firstLine });
    firstLine += cell.source.split('\n').length + 1;
  }
  return { text, spans };
}

/** @param {string} text */
function bindNames(text) {
  const name = 'cells.mts';
  const options = {
    noLib: true,
    noResolve: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
  };
  const forced = { ...options, types: [], moduleDetection: ts.ModuleDetectionKind.Force };
  const host = ts.createCompilerHost(forced);
  host.fileExists = (file) => file === name;
  host.readFile = (file) => (file === name ? text : undefined);
  host.getSourceFile = (file, languageVersion) =>
    file === name ? ts.createSourceFile(file, text, languageVersion, true) : undefined;
  const program = ts.createProgram([name], forced, host);
  const syntax = program.getSourceFile(name);
  if (syntax === undefined) throw new Error('the compiler dropped the joined cells');
  return { syntax, checker: program.getTypeChecker() };
}

/**
 * The cell and line of a line of the joined text; a separator line belongs to the cell before it.
 * @param {CellModule} module
 * @param {number} line from 0
 * @returns {CellLine | undefined}
 */
export function cellLine(module, line) {
  const span = module.spans.findLast(({ firstLine }) => firstLine <= line);
  if (span === undefined) return undefined;
  const lastLine = span.cell.source.split('\n').length;
  return { id: span.cell.id, ordinal: span.ordinal, line: Math.min(line - span.firstLine + 1, lastLine) };
}

/**
 * @param {CellModule} module
 * @param {ts.Node} node
 */
export function cellLineOfNode(module, node) {
  return cellLine(module, module.syntax.getLineAndCharacterOfPosition(node.getStart(module.syntax)).line);
}

/**
 * The statements that begin in a cell, in order; the separators' own empty statements belong to none.
 * @param {CellModule} module
 * @param {Span} span
 */
export function statementsOf(module, span) {
  return module.syntax.statements.filter((statement) => {
    const start = statement.getStart(module.syntax);
    return start >= span.start && start < span.end;
  });
}

/**
 * Each code cell must parse on its own: a brace left open would otherwise swallow the cells after it.
 * @param {CellModule} module
 * @returns {Finding[]}
 */
export function checkSyntax(module) {
  return module.spans.flatMap(({ cell, ordinal }) => {
    const { diagnostics = [] } = ts.transpileModule(cell.source, {
      fileName: 'cell.mts',
      reportDiagnostics: true,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        moduleDetection: ts.ModuleDetectionKind.Force,
      },
    });
    return diagnostics.map(({ code, messageText, file, start = 0 }) => {
      const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
      const message = `TS${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      return { path: module.path, at: { id: cell.id, ordinal, line }, message };
    });
  });
}
