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
  if (named.length === 0) return lines;
  const allTypes = named.every(({ typeOnly }) => typeOnly);
  const list = named.map(({ imported, local, typeOnly }) => {
    const renamed = imported === local ? local : `${imported} as ${local}`;
    return typeOnly && !allTypes ? `type ${renamed}` : renamed;
  });
  return [...lines, `import ${allTypes ? 'type ' : ''}{ ${list.join(', ')} } from '${from}';`];
}
