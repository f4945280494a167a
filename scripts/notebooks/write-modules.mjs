// The modules that notebooks hold, against the files of src/verifier: written there, or compared with what is there.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { describeDifference } from './drift.mjs';
import { EXTRACTED_FOLDER } from './extraction.mjs';
import { readNotebookSet } from './notebook-set.mjs';
import { checkExtractedTypes } from './type-check.mjs';

/**
 * @typedef {import('./finding.mjs').Finding} Finding
 * @typedef {import('./notebook-set.mjs').NotebookSet} NotebookSet
 */

/**
 * Nothing is written unless every notebook and every module passes its checks.
 * @param {string} root
 * @param {{ check: boolean }} settings `check`: compare, write nothing
 * @returns {{ findings: Finding[], summary: string }}
 */
export function writeModules(root, { check }) {
  const set = readNotebookSet(root, []);
  const findings = [...set.findings.values()].flat();
  if (findings.length === 0 && set.extracted.size === 0) {
    findings.push({ path: 'notebooks', message: 'no cell is tagged extract: nothing to compare' });
  }
  if (findings.length === 0) findings.push(...checkExtractedTypes(root, set.extracted));
  findings.push(...findOrphans(set));
  let count = 0;
  if (findings.length === 0) {
    for (const [path, text] of set.extracted) {
      count += 1;
      if (check) findings.push(...compare(set, path, text));
      else write(join(root, path), text);
    }
  }
  const done = `${count} modules ${check ? 'compared' : 'written'} from ${set.modules.length} notebooks`;
  const verdict = findings.length === 0 ? 'green' : `red: ${findings.length} findings`;
  return { findings, summary: `extraction: ${done}: ${verdict}` };
}

/**
 * @param {NotebookSet} set
 * @param {string} path
 * @param {string} text
 * @returns {Finding[]}
 */
function compare({ root, owners }, path, text) {
  const file = join(root, path);
  if (!existsSync(file)) return [{ path, message: 'is missing; run scripts/notebooks/extract.mjs' }];
  const difference = describeDifference(readFileSync(file, 'utf8'), text);
  if (difference === undefined) return [];
  const owner = owners.get(path)?.path;
  return [{ path, message: `differs from ${owner}, ${difference}; run scripts/notebooks/extract.mjs` }];
}

/**
 * @param {string} file
 * @param {string} text
 */
function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/**
 * Generated files that no notebook generates any more. They are named, not deleted: something may import them.
 * @param {NotebookSet} set
 * @returns {Finding[]}
 */
function findOrphans({ root, owners }) {
  const folder = join(root, EXTRACTED_FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => posix.join(EXTRACTED_FOLDER, path.split(sep).join('/')))
    .filter((path) => path.endsWith('.ts') && !owners.has(path))
    .filter((path) => readFileSync(join(root, path), 'utf8').startsWith('// Generated from '))
    .map((path) => ({
      path,
      message: 'is marked as generated, but no notebook extracts it; delete or restore',
    }));
}
