// Extraction: the cells tagged `extract` become a TypeScript module of src/verifier, word for word. Imports are
// written anew: each module imports exactly the names its cells use, from where the notebook has them.

import ts from 'typescript';
import { cellLineOfNode, statementsOf } from './cell-module.mjs';
import { findCircle } from './circle.mjs';
import { formatImports } from './import-lines.mjs';
import { moduleReferences } from './import-rules.mjs';
import { isExported, neededNames, rewrite } from './needed-names.mjs';
import { tagsOf } from './notebook-file.mjs';
import { topLevelNames } from './top-level-names.mjs';

/**
 * @typedef {import('./cell-module.mjs').CellModule} CellModule
 * @typedef {import('./cell-module.mjs').Span} Span
 * @typedef {import('./finding.mjs').Finding} Finding
 * @typedef {{ texts: Map<string, string>, findings: Finding[] }} Extraction module path to text
 */

export const EXTRACTED_FOLDER = 'src/verifier/';
const EXTRACTED_PATH = /^src\/verifier\/(?:[a-z0-9-]+\/)*[a-z0-9-]+\.ts$/;

/**
 * The text is the notebook's own, so nothing may rearrange it here; linting it stays worth while.
 * @param {string} notebookPath
 */
export function generatedHeader(notebookPath) {
  return [
    `// Generated from ${notebookPath} by scripts/notebooks/extract. Do not edit.`,
    '// biome-ignore-all format: the text is laid out in its notebook',
    '// biome-ignore-all assist: the imports are in the order of the extraction',
  ].join('\n');
}

/**
 * Which module each tagged cell goes to: `extract` means `metadata.caio.module`, `extract:PATH` names another.
 * @param {CellModule} module
 * @returns {{ targets: Map<Span, string>, findings: Finding[] }}
 */
export function extractionTargets(module) {
  /** @type {Map<Span, string>} */
  const targets = new Map();
  /** @type {Finding[]} */
  const findings = [];
  for (const span of module.spans) {
    const tags = tagsOf(span.cell).filter((tag) => tag === 'extract' || tag.startsWith('extract:'));
    if (tags.length === 0) continue;
    const target =
      tags[0] === 'extract' ? module.notebook.metadata.caio?.module : tags[0]?.slice('extract:'.length);
    if (tags.length > 1) findings.push(atCell(module, span, `has ${tags.length} extract tags, may have one`));
    else if (typeof target !== 'string') {
      findings.push(atCell(module, span, 'is tagged extract, but the notebook has no metadata.caio.module'));
    } else if (!EXTRACTED_PATH.test(target)) {
      findings.push(atCell(module, span, `"${target}" is not a module path like ${EXTRACTED_FOLDER}name.ts`));
    } else targets.set(span, target);
  }
  return { targets, findings };
}

/**
 * The modules of one notebook. Red when a cell does more than declare, uses a name that is not extracted, or needs a
 * name that another module keeps to itself.
 * @param {CellModule} module
 * @returns {Extraction}
 */
export function extractModules(module) {
  const { targets, findings } = extractionTargets(module);
  /** @type {Map<string, string>} */
  const texts = new Map();
  const names = new Map(topLevelNames(module).map((declared) => [declared.node, declared]));
  /** @type {Map<string, Set<string>>} */
  const uses = new Map();
  for (const path of new Set(targets.values())) {
    const spans = module.spans.filter((span) => targets.get(span) === path);
    findings.push(...spans.flatMap((span) => checkDeclarationsOnly(module, span)));
    const needed = neededNames(module, spans, names, targets, path);
    findings.push(...needed.findings);
    uses.set(path, needed.modules);
    const imports = formatImports(path, needed.imports);
    const bodies = spans.map((span) => cellText(module, span, path)).filter((text) => text !== '');
    texts.set(path, `${[generatedHeader(module.path), imports, ...bodies].filter(Boolean).join('\n\n')}\n`);
    if (!spans.some((span) => statementsOf(module, span).some(isExported))) {
      findings.push({ path: module.path, message: `${path} would export nothing` });
    }
  }
  findings.push(...checkNoCircle(module.path, uses));
  return { texts, findings };
}

/**
 * @param {CellModule} module
 * @param {Span} span
 */
function checkDeclarationsOnly(module, span) {
  return statementsOf(module, span).flatMap((statement) => {
    if (declares(statement)) return [];
    const message = 'an extracted cell holds declarations only; show and assert in another cell';
    return [{ path: module.path, at: cellLineOfNode(module, statement), message }];
  });
}

/** @param {ts.Statement} statement */
function declares(statement) {
  return (
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isVariableStatement(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isEmptyStatement(statement)
  );
}

/**
 * The source of a cell without its import statements, relative modules renamed for the file at `path`.
 * @param {CellModule} module
 * @param {Span} span
 * @param {string} path
 */
function cellText(module, span, path) {
  /** @type {{ start: number, end: number, text: string }[]} */
  const edits = [];
  for (const statement of statementsOf(module, span)) {
    if (!ts.isImportDeclaration(statement)) continue;
    const afterNewline = module.text.startsWith('\n', statement.end) ? 1 : 0;
    edits.push({ start: statement.getStart(module.syntax), end: statement.end + afterNewline, text: '' });
  }
  for (const { node, specifier } of moduleReferences(module.syntax)) {
    const start = node.getStart(module.syntax);
    if (specifier === undefined || start < span.start || start >= span.end) continue;
    if (edits.some((edit) => edit.start <= start && start < edit.end)) continue;
    edits.push({ start, end: node.end, text: `'${rewrite(module, specifier, path)}'` });
  }
  let text = module.text.slice(span.start, span.end);
  for (const { start, end, text: replacement } of edits.sort((a, b) => b.start - a.start)) {
    text = text.slice(0, start - span.start) + replacement + text.slice(Math.min(end, span.end) - span.start);
  }
  return text.replace(/^\s*\n/, '').trimEnd();
}

/**
 * @param {string} path
 * @param {Map<string, Set<string>>} uses
 * @returns {Finding[]}
 */
function checkNoCircle(path, uses) {
  const circle = findCircle(uses);
  return circle === undefined ? [] : [{ path, message: `modules import each other: ${circle.join(' -> ')}` }];
}

/**
 * @param {CellModule} module
 * @param {Span} span
 * @param {string} message
 * @returns {Finding}
 */
function atCell(module, span, message) {
  return { path: module.path, at: { id: span.cell.id, ordinal: span.ordinal, line: 1 }, message };
}
