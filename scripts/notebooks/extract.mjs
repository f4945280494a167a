// extract.mjs [--check] [--root DIR]
// Writes the modules of src/verifier that notebooks hold. With --check nothing is written: every file must be what its
// notebook says, and every generated file must have a notebook. Exit 0 green, 1 red, 2 wrong usage.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeDifference } from './drift.mjs';
import { EXTRACTED_FOLDER } from './extraction.mjs';
import { formatFinding } from './finding.mjs';
import { readNotebookSet } from './notebook-set.mjs';
import { checkExtractedTypes } from './type-check.mjs';

/** @typedef {import('./finding.mjs').Finding} Finding */

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    root: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
  },
});
const root = resolve(values.root);

const set = readNotebookSet(root, []);
const findings = [...set.findings.values()].flat();
if (findings.length === 0) {
  if (set.extracted.size > 0) findings.push(...checkExtractedTypes(root, set.extracted));
  else findings.push({ path: 'notebooks', message: 'no cell is tagged extract: nothing to compare' });
  findings.push(...findOrphans());
}
let count = 0;
if (findings.length === 0) {
  for (const [path, text] of set.extracted) {
    count += 1;
    if (values.check) findings.push(...compare(path, text));
    else write(path, text);
  }
}
for (const finding of findings) console.error(formatFinding(finding));
const verb = values.check ? 'compared' : 'written';
const verdict = findings.length === 0 ? 'green' : `red: ${findings.length} findings`;
console.log(`extraction: ${count} modules ${verb} from ${set.modules.length} notebooks: ${verdict}`);
process.exitCode = findings.length === 0 ? 0 : 1;

/**
 * @param {string} path
 * @param {string} text
 * @returns {Finding[]}
 */
function compare(path, text) {
  const file = join(root, path);
  if (!existsSync(file)) return [{ path, message: 'is missing; run scripts/notebooks/extract.mjs' }];
  const difference = describeDifference(readFileSync(file, 'utf8'), text);
  if (difference === undefined) return [];
  const owner = set.owners.get(path)?.path;
  return [{ path, message: `differs from ${owner}, ${difference}; run scripts/notebooks/extract.mjs` }];
}

/**
 * @param {string} path
 * @param {string} text
 */
function write(path, text) {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/**
 * Generated files that no notebook generates any more. They are named, not deleted: something may import them.
 * @returns {Finding[]}
 */
function findOrphans() {
  const folder = join(root, EXTRACTED_FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => posix.join(EXTRACTED_FOLDER, path.split(sep).join('/')))
    .filter((path) => path.endsWith('.ts') && !set.extracted.has(path))
    .filter((path) => readFileSync(join(root, path), 'utf8').startsWith('// Generated from '))
    .map((path) => ({
      path,
      message: 'is marked as generated, but no notebook extracts it; delete or restore',
    }));
}
