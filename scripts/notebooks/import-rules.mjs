// What a cell may import: npm packages by bare name, node: modules, and the modules extracted from earlier notebooks.
// Types of src/contracts may be imported as types. Everything else in src is for *_implementation_verification.ipynb.

import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';
import { cellLineOfNode } from './cell-module.mjs';

/**
 * @typedef {import('./cell-module.mjs').CellModule} CellModule
 * @typedef {import('./finding.mjs').Finding} Finding
 * @typedef {{ node: ts.Node, specifier: string | undefined, typeOnly: boolean }} ModuleReference `node` is the string
 *   literal, or the call when its argument is not a literal
 */

/**
 * Every place of the text that names a module: imports, re-exports, import() calls and import() types.
 * @param {ts.SourceFile} syntax
 * @returns {ModuleReference[]}
 */
export function moduleReferences(syntax) {
  /** @type {ModuleReference[]} */
  const references = [];
  /**
   * @param {ts.Expression | ts.TypeNode | undefined} named
   * @param {ts.Node} otherwise
   * @param {boolean} typeOnly
   */
  const add = (named, otherwise, typeOnly) => {
    const literal = named && ts.isLiteralTypeNode(named) ? named.literal : named;
    const isText = literal !== undefined && ts.isStringLiteralLike(literal);
    references.push({
      node: isText ? literal : otherwise,
      specifier: isText ? literal.text : undefined,
      typeOnly,
    });
  };
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node, node.importClause?.isTypeOnly ?? false);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier)
      add(node.moduleSpecifier, node, node.isTypeOnly);
    else if (ts.isImportTypeNode(node)) add(node.argument, node, true);
    else if (ts.isExternalModuleReference(node)) add(node.expression, node, false);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], node, false);
    }
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return references;
}

/**
 * The path, relative to the root, that a relative specifier names.
 * @param {CellModule} module
 * @param {string} specifier
 */
export function resolveRelative(module, specifier) {
  return posix.normalize(posix.join(posix.dirname(module.path), specifier));
}

/** @param {string} specifier */
export function isRelative(specifier) {
  return /^\.\.?(\/|$)/.test(specifier);
}

/**
 * @param {CellModule} module
 * @param {ReadonlyMap<string, CellModule>} owners extracted module path to the notebook it comes from
 * @returns {Finding[]}
 */
export function checkImports(module, owners) {
  return moduleReferences(module.syntax).flatMap(({ node, specifier, typeOnly }) => {
    const message =
      specifier === undefined
        ? 'the name of an imported module must be a plain string'
        : isRelative(specifier)
          ? objectToFile(module, specifier, typeOnly, owners)
          : objectToPackage(module, specifier);
    return message === undefined ? [] : [{ path: module.path, at: cellLineOfNode(module, node), message }];
  });
}

/** @param {CellModule} module */
function mayImportSource(module) {
  return module.path.endsWith('_implementation_verification.ipynb');
}

/**
 * @param {CellModule} module
 * @param {string} specifier
 */
function objectToPackage(module, specifier) {
  if (specifier === 'node:module' && !mayImportSource(module)) {
    return 'node:module would let a cell load any file, past these rules';
  }
  if (specifier.startsWith('node:')) return isBuiltin(specifier) ? undefined : `there is no "${specifier}"`;
  if (isBuiltin(specifier)) return `write "node:${specifier}"`;
  if (/^[a-z]+:|^[/#]/.test(specifier))
    return `"${specifier}" is neither a package, nor node:, nor a relative path`;
  if (specifier === 'caio' || specifier.startsWith('caio/')) {
    return mayImportSource(module) ? undefined : `"${specifier}" is src by another name`;
  }
  return undefined;
}

/**
 * @param {CellModule} module
 * @param {string} specifier
 * @param {boolean} typeOnly
 * @param {ReadonlyMap<string, CellModule>} owners
 */
function objectToFile(module, specifier, typeOnly, owners) {
  const target = resolveRelative(module, specifier);
  if (!specifier.endsWith('.ts')) return `"${specifier}" must be the file's own name, ending in .ts`;
  const owner = owners.get(target);
  if (owner === module) return `${target} is extracted from this notebook: its names are already here`;
  if (owner !== undefined) return undefined;
  if (!target.startsWith('src/')) return `"${specifier}" leads outside src`;
  if (mayImportSource(module)) return undefined;
  if (typeOnly && target.startsWith('src/contracts/')) return undefined;
  return (
    `imports ${target}: only *_implementation_verification.ipynb may import src ` +
    '(others: modules extracted from earlier notebooks, and "import type" of src/contracts)'
  );
}
