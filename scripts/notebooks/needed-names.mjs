// What an extracted module needs from outside its own cells: names that the notebook imports, and names of the
// notebook's other modules. A name that is neither extracted nor imported cannot be had.

import ts from 'typescript';
import { cellLineOfNode, statementsOf } from './cell-module.mjs';
import { relativeTo } from './import-lines.mjs';
import { isRelative, resolveRelative } from './import-rules.mjs';

/**
 * @typedef {import('./cell-module.mjs').CellModule} CellModule
 * @typedef {import('./cell-module.mjs').Span} Span
 * @typedef {import('./finding.mjs').Finding} Finding
 * @typedef {import('./top-level-names.mjs').TopLevelName} TopLevelName
 * @typedef {import('./import-lines.mjs').ImportedName} ImportedName
 */

/**
 * @param {CellModule} module
 * @param {Span[]} spans the cells of the module at `path`
 * @param {Map<ts.Node, TopLevelName>} names
 * @param {Map<Span, string>} targets
 * @param {string} path
 */
export function neededNames(module, spans, names, targets, path) {
  /** @type {Map<string, ImportedName>} */
  const imports = new Map();
  /** @type {Map<string, Finding>} */
  const findings = new Map();
  /** @type {Set<string>} */
  const modules = new Set();
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isIdentifier(node)) need(node);
    ts.forEachChild(node, visit);
  };
  /** @param {ts.Identifier} identifier */
  const need = (identifier) => {
    const declared = symbolOf(module.checker, identifier)
      ?.declarations?.map((node) => names.get(node))
      .find((found) => found !== undefined);
    if (declared === undefined) return;
    const { name, statement, span } = declared;
    if (ts.isImportDeclaration(statement)) {
      imports.set(name, importedName(module, declared, statement, path));
      return;
    }
    const from = targets.get(span);
    if (from === path) return;
    if (from !== undefined && isNameExported(module, declared)) {
      modules.add(from);
      imports.set(name, {
        kind: 'named',
        local: name,
        imported: name,
        typeOnly: isTypeName(declared, names),
        from,
      });
      return;
    }
    const message =
      from === undefined
        ? `uses "${name}" of cell ${span.cell.id} (#${span.ordinal}), which is not extracted`
        : `uses "${name}" of ${from} (cell ${span.cell.id}), which does not export it`;
    if (!findings.has(name))
      findings.set(name, { path: module.path, at: cellLineOfNode(module, identifier), message });
  };
  for (const span of spans) {
    for (const statement of statementsOf(module, span)) {
      if (!ts.isImportDeclaration(statement)) visit(statement);
      else if (statement.importClause === undefined) {
        const from = rewrite(module, specifierOf(statement), path);
        imports.set(`'${from}'`, { kind: 'effect', from });
      }
    }
  }
  return { imports: [...imports.values()], findings: [...findings.values()], modules };
}

/**
 * @param {ts.TypeChecker} checker
 * @param {ts.Identifier} identifier
 */
function symbolOf(checker, identifier) {
  const { parent } = identifier;
  if (ts.isShorthandPropertyAssignment(parent)) return checker.getShorthandAssignmentValueSymbol(parent);
  if (ts.isExportSpecifier(parent)) {
    return parent.parent.parent.moduleSpecifier
      ? undefined
      : checker.getExportSpecifierLocalTargetSymbol(parent);
  }
  return checker.getSymbolAtLocation(identifier);
}

/**
 * @param {CellModule} module
 * @param {TopLevelName} declared
 * @param {ts.ImportDeclaration} statement
 * @param {string} path
 * @returns {ImportedName}
 */
function importedName(module, { name, node }, statement, path) {
  const from = rewrite(module, specifierOf(statement), path);
  const typeOnly = statement.importClause?.isTypeOnly ?? false;
  if (ts.isNamespaceImport(node)) return { kind: 'namespace', local: name, typeOnly, from };
  if (!ts.isImportSpecifier(node)) return { kind: 'default', local: name, typeOnly, from };
  const imported = node.propertyName?.text ?? name;
  return { kind: 'named', local: name, imported, typeOnly: typeOnly || node.isTypeOnly, from };
}

/**
 * @param {TopLevelName} declared
 * @param {Map<ts.Node, TopLevelName>} names
 */
function isTypeName(declared, names) {
  return [...names.values()]
    .filter(({ name }) => name === declared.name)
    .every(({ node }) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node));
}

/**
 * @param {CellModule} module
 * @param {TopLevelName} declared
 */
function isNameExported(module, { name, statement, span }) {
  if (isExported(statement)) return true;
  return statementsOf(module, span).some(
    (other) =>
      ts.isExportDeclaration(other) &&
      other.exportClause !== undefined &&
      ts.isNamedExports(other.exportClause) &&
      other.exportClause.elements.some(
        (element) => element.name.text === name && element.propertyName === undefined,
      ),
  );
}

/** @param {ts.Statement} statement */
export function isExported(statement) {
  if (ts.isExportDeclaration(statement)) return true;
  if (!ts.canHaveModifiers(statement)) return false;
  return ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/** @param {ts.ImportDeclaration} statement */
function specifierOf(statement) {
  return /** @type {ts.StringLiteral} */ (statement.moduleSpecifier).text;
}

/**
 * Packages keep their name; a file is named as seen from the extracted module (`./x.js`).
 * @param {CellModule} module
 * @param {string} specifier
 * @param {string} path
 */
export function rewrite(module, specifier, path) {
  return isRelative(specifier) ? relativeTo(path, resolveRelative(module, specifier)) : specifier;
}
