// The running form of a notebook: the same lines, with a call at the head of each cell that says which cell runs, and
// a call around a cell's last expression that catches its value. Types are then removed and positions kept in a map.

import { SourceMap } from 'node:module';
import ts from 'typescript';
import { statementsOf } from './cell-module.mjs';

/** @typedef {import('./cell-module.mjs').CellModule} CellModule */
/** @typedef {{ code: string, map: SourceMap }} RunningText `map` leads from the code back to the lines of the text */

/** @param {CellModule} module */
export function instrument(module) {
  /** @type {{ at: number, text: string }[]} */
  const inserts = [];
  for (const [index, span] of module.spans.entries()) {
    inserts.push({ at: span.start, text: `globalThis.__notebook.enter(${index});` });
    const last = statementsOf(module, span).findLast((statement) => !ts.isEmptyStatement(statement));
    if (last === undefined || !ts.isExpressionStatement(last)) continue;
    inserts.push({
      at: last.expression.getStart(module.syntax),
      text: `globalThis.__notebook.value(${index}, (`,
    });
    inserts.push({ at: last.expression.end, text: '))' });
  }
  let text = '';
  let from = 0;
  // A cell that begins with its last expression has two inserts at one place; their order is kept.
  for (const { at, text: inserted } of inserts) {
    text += module.text.slice(from, at) + inserted;
    from = at;
  }
  return text + module.text.slice(from);
}

/**
 * @param {string} text TypeScript
 * @param {string} fileName
 * @returns {RunningText}
 */
export function removeTypes(text, fileName) {
  const { outputText, sourceMapText = '{}' } = ts.transpileModule(text, {
    fileName,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      sourceMap: true,
    },
  });
  return { code: outputText, map: new SourceMap(JSON.parse(sourceMapText)) };
}
