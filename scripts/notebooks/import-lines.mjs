// The import lines at the head of an extracted module, in one fixed order: node:, packages, then files.

import { posix } from 'node:path';

/**
 * @typedef {{ kind: 'named', local: string, imported: string, typeOnly: boolean, from: string }
 *   | { kind: 'namespace' | 'default', local: string, typeOnly: boolean, from: string }
 *   | { kind: 'effect', from: string }} ImportedName `from` is a specifier, or the path of a module from the root
 */

/**
 * @param {string} path the module the lines are for, from the root
 * @param {ImportedName[]} names
 */
export function formatImports(path, names) {
  /** @type {Map<string, ImportedName[]>} */
  const groups = new Map();
  for (const name of names) {
    const from = name.from.startsWith('src/') ? relativeTo(path, name.from) : name.from;
    groups.set(from, [...(groups.get(from) ?? []), name]);
  }
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .flatMap(([from, group]) => importLines(from, group))
    .join('\n');
}

/** @param {string} specifier */
function rank(specifier) {
  if (specifier.startsWith('node:')) return 0;
  return specifier.startsWith('.') ? 2 : 1;
}

/**
 * @param {string} fromPath
 * @param {string} toPath
 */
export function relativeTo(fromPath, toPath) {
  const relative = posix.relative(posix.dirname(fromPath), toPath).replace(/\.ts$/, '.js');
  return relative.startsWith('.') ? relative : `./${relative}`;
}

/**
 * Letters before their case, so that the order does not hang on who is a type.
 * @param {string} name
 */
function order(name) {
  return `${name.toLowerCase()} ${name}`;
}

/**
 * @param {string} from
 * @param {ImportedName[]} group
 */
function importLines(from, group) {
  const lines = [];
  for (const name of group) {
    if (name.kind === 'effect') lines.push(`import '${from}';`);
    if (name.kind === 'default')
      lines.push(`import ${name.typeOnly ? 'type ' : ''}${name.local} from '${from}';`);
    if (name.kind === 'namespace') {
      lines.push(`import ${name.typeOnly ? 'type ' : ''}* as ${name.local} from '${from}';`);
    }
  }
  const named = group
    .filter((name) => name.kind === 'named')
    .sort((a, b) => (order(a.imported) < order(b.imported) ? -1 : 1));
  // Types apart from values, as the linter asks of this folder: an `import { type A, b }` is a run-time import to a reader.
  const types = named.filter(({ typeOnly }) => typeOnly);
  const values = named.filter(({ typeOnly }) => !typeOnly);
  if (types.length > 0) lines.push(`import type { ${types.map(nameInList).join(', ')} } from '${from}';`);
  if (values.length > 0) lines.push(`import { ${values.map(nameInList).join(', ')} } from '${from}';`);
  return lines;
}

/** @param {Extract<ImportedName, { kind: 'named' }>} name */
function nameInList({ imported, local }) {
  return imported === local ? local : `${imported} as ${local}`;
}
