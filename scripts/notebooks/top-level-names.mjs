// The names a notebook declares at the top level of its cells, and the rule that none is declared by two cells.

import ts from 'typescript';
import { cellLineOfNode, statementsOf } from './cell-module.mjs';

/**
 * @typedef {import('./cell-module.mjs').CellModule} CellModule
 * @typedef {import('./cell-module.mjs').Span} Span
 * @typedef {import('./finding.mjs').Finding} Finding
 * @typedef {{ name: string, node: ts.Node, statement: ts.Statement, span: Span }} TopLevelName `node` is the
 *   declaration that the checker's symbols point at
 */

/**
 * @param {CellModule} module
 * @returns {TopLevelName[]}
 */
export function topLevelNames(module) {
  return module.spans.flatMap((span) =>
    statementsOf(module, span).flatMap((statement) =>
      declarationsIn(statement).map(({ name, node }) => ({ name, node, statement, span })),
    ),
  );
}

/**
 * @param {ts.Statement} statement
 * @returns {{ name: string, node: ts.Node }[]}
 */
function declarationsIn(statement) {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap((node) => bindingNames(node));
  }
  if (ts.isImportDeclaration(statement)) return importedNames(statement);
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isImportEqualsDeclaration(statement) ||
    ts.isModuleDeclaration(statement)
  ) {
    return statement.name === undefined ? [] : [{ name: statement.name.text, node: statement }];
  }
  return [];
}

/**
 * @param {ts.VariableDeclaration | ts.BindingElement} node
 * @returns {{ name: string, node: ts.Node }[]}
 */
function bindingNames(node) {
  if (ts.isIdentifier(node.name)) return [{ name: node.name.text, node }];
  return node.name.elements.flatMap((element) => (ts.isBindingElement(element) ? bindingNames(element) : []));
}

/** @param {ts.ImportDeclaration} statement */
function importedNames({ importClause }) {
  /** @type {{ name: string, node: ts.Node }[]} */
  const names = [];
  if (importClause?.name) names.push({ name: importClause.name.text, node: importClause });
  const bindings = importClause?.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) names.push({ name: bindings.name.text, node: bindings });
  if (bindings && ts.isNamedImports(bindings)) {
    names.push(...bindings.elements.map((node) => ({ name: node.name.text, node })));
  }
  return names;
}

/**
 * A kernel would silently let the second declaration win or refuse it, depending on the kernel; here it is red.
 * Overloads, and a type beside a value of the same name, are one declaration as long as they share a cell.
 * @param {CellModule} module
 * @returns {Finding[]}
 */
export function checkDeclaredOnce(module) {
  /** @type {Map<string, TopLevelName>} */
  const first = new Map();
  /** @type {Finding[]} */
  const findings = [];
  for (const declared of topLevelNames(module)) {
    const before = first.get(declared.name);
    if (before === undefined) first.set(declared.name, declared);
    else if (before.span !== declared.span) {
      const there = cellLineOfNode(module, before.node);
      findings.push({
        path: module.path,
        at: cellLineOfNode(module, declared.node),
        message: `"${declared.name}" is already declared in cell ${there?.id} (#${there?.ordinal}) line ${there?.line}`,
      });
    }
  }
  return findings;
}
