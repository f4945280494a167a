// All notebooks of the tree, and how they need each other. Modules extracted from notebooks are taken from the
// notebooks here, never from disk: running never sees a stale file, and `extract --check` alone decides about disk.

import { existsSync, readdirSync } from 'node:fs';
import { join, posix, relative, resolve, sep } from 'node:path';
import { checkSyntax, readCellModule } from './cell-module.mjs';
import { findCircle } from './circle.mjs';
import { extractionTargets, extractModules } from './extraction.mjs';
import { checkImports, isRelative, moduleReferences, resolveRelative } from './import-rules.mjs';
import { InvalidNotebook } from './notebook-file.mjs';
import { checkDeclaredOnce } from './top-level-names.mjs';

/**
 * @typedef {import('./cell-module.mjs').CellModule} CellModule
 * @typedef {import('./finding.mjs').Finding} Finding
 * @typedef {{ root: string, modules: CellModule[], owners: Map<string, CellModule>, extracted: Map<string, string>,
 *   findings: Map<string, Finding[]> }} NotebookSet `extracted` maps module path to text, `findings` notebook path to
 *   what is wrong with it
 */

/**
 * Reads every notebook under `notebooks/` and the ones named, and checks each without running it.
 * @param {string} root
 * @param {string[]} named paths from the working directory
 * @returns {NotebookSet & { selected: string[] }} `selected`: the named ones, or all
 */
export function readNotebookSet(root, named) {
  const found = findNotebooks(root);
  const asked = named.map((path) => relative(root, resolve(path)).split(sep).join('/'));
  /** @type {NotebookSet} */
  const set = { root, modules: [], owners: new Map(), extracted: new Map(), findings: new Map() };
  for (const path of [...new Set([...found, ...asked])].sort()) {
    try {
      set.modules.push(readCellModule(root, path));
      set.findings.set(path, []);
    } catch (error) {
      const message = describeUnreadable(error);
      set.findings.set(path, [{ path, message }]);
    }
  }
  for (const module of set.modules) claimModules(set, module);
  for (const module of set.modules) set.findings.get(module.path)?.push(...checkStatically(set, module));
  checkOrder(set);
  return { ...set, selected: asked.length > 0 ? asked : found };
}

/** @param {string} root */
function findNotebooks(root) {
  const folder = join(root, 'notebooks');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => posix.join('notebooks', path.split(sep).join('/')))
    .filter((path) => path.endsWith('.ipynb') && !path.includes('.ipynb_checkpoints/'))
    .sort();
}

/** @param {unknown} error */
function describeUnreadable(error) {
  if (error instanceof InvalidNotebook) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
    return 'there is no such notebook';
  throw error;
}

/**
 * @param {NotebookSet} set
 * @param {CellModule} module
 */
function claimModules(set, module) {
  for (const path of new Set(extractionTargets(module).targets.values())) {
    const owner = set.owners.get(path);
    if (owner === undefined) set.owners.set(path, module);
    else
      set.findings
        .get(module.path)
        ?.push({ path: module.path, message: `${path} already comes from ${owner.path}` });
  }
}

/**
 * @param {NotebookSet} set
 * @param {CellModule} module
 * @returns {Finding[]}
 */
function checkStatically(set, module) {
  const { path, notebook } = module;
  const findings = checkSyntax(module);
  // Names and imports of a text that does not parse are guesses; say only what is certain.
  if (findings.length > 0) return findings;
  if (module.spans.length === 0) findings.push({ path, message: 'has no code cells' });
  if (notebook.metadata.kernelspec?.language !== 'typescript') {
    findings.push({ path, message: 'metadata.kernelspec.language is not "typescript"' });
  }
  if (notebook.metadata.ci?.ready !== true) findings.push({ path, message: 'metadata.ci.ready is not true' });
  findings.push(...checkDeclaredOnce(module), ...checkImports(module, set.owners));
  if (findings.length > 0) return findings;
  const extraction = extractModules(module);
  for (const [target, text] of extraction.texts) {
    if (set.owners.get(target) === module) set.extracted.set(target, text);
  }
  return extraction.findings;
}

/**
 * The notebooks whose extracted modules a notebook imports.
 * @param {NotebookSet} set
 * @param {CellModule} module
 */
function needs(set, module) {
  /** @type {Set<string>} */
  const paths = new Set();
  for (const { specifier } of moduleReferences(module.syntax)) {
    if (specifier === undefined || !isRelative(specifier)) continue;
    const owner = set.owners.get(resolveRelative(module, specifier));
    if (owner !== undefined && owner !== module) paths.add(owner.path);
  }
  return paths;
}

/** @param {NotebookSet} set */
function checkOrder(set) {
  const circle = findCircle(new Map(set.modules.map((module) => [module.path, needs(set, module)])));
  if (circle === undefined) return;
  const [path = ''] = circle;
  set.findings.get(path)?.push({ path, message: `notebooks import each other: ${circle.join(' -> ')}` });
}

/**
 * The notebooks at `paths` and all they need, directly or not.
 * @param {NotebookSet} set
 * @param {readonly string[]} paths
 */
export function withNeeded(set, paths) {
  const all = new Set(paths);
  for (const path of all) {
    const module = set.modules.find((candidate) => candidate.path === path);
    if (module !== undefined) for (const needed of needs(set, module)) all.add(needed);
  }
  return [...all];
}
