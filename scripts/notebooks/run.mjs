// run.mjs [NOTEBOOK...] [--check] [--root DIR] [--timeout SECONDS]
// Runs notebooks (all under notebooks/ when none is named) and writes what they print into them. With --check nothing
// is written: stored outputs and artifacts must be what the run gives. Exit 0 green, 1 red, 2 wrong usage.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkOutputs, describeDifference } from './drift.mjs';
import { execute } from './execute.mjs';
import { formatFinding } from './finding.mjs';
import { formatNotebook } from './notebook-file.mjs';
import { readNotebookSet, withNeeded } from './notebook-set.mjs';
import { checkTypes, makeProgram } from './type-check.mjs';

/** @typedef {import('./finding.mjs').Finding} Finding */

const ARTIFACT_FOLDER = 'configs/generated';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    root: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
    timeout: { type: 'string', default: '600' },
  },
});
const root = resolve(values.root);
const seed = process.env.CAIO_NOTEBOOK_SEED ?? '42';
const settings = { seed, timeoutSeconds: Number(values.timeout) };

const set = readNotebookSet(root, positionals);
const findings = withNeeded(set, set.selected).flatMap((path) => set.findings.get(path) ?? []);
const modules = set.modules.filter(({ path }) => set.selected.includes(path));
const program = makeProgram(root, modules, set.extracted);
if (findings.length === 0 && modules.length > 0) findings.push(...checkTypes(root, program, modules));

/** @type {Map<string, string>} */
const artifactWriters = new Map();
let notebooksRun = 0;
let cellsRun = 0;
if (findings.length === 0) {
  for (const module of modules) {
    const run = await execute(root, program, module, settings);
    if (!run.ok) {
      findings.push(...run.findings);
      continue;
    }
    notebooksRun += 1;
    cellsRun += module.spans.length;
    if (values.check) findings.push(...checkOutputs(module.path, module.notebook, run.notebook));
    else writeIfChanged(join(root, module.path), formatNotebook(run.notebook));
    for (const [name, text] of run.artifacts) findings.push(...settleArtifact(module.path, name, text));
  }
}
if (modules.length === 0 && findings.length === 0)
  findings.push({ path: 'notebooks', message: 'nothing to run' });
for (const finding of findings) console.error(formatFinding(finding));
const verdict = findings.length === 0 ? 'green' : `red: ${findings.length} findings`;
console.log(
  `notebooks: ${notebooksRun} of ${set.selected.length} run, ${cellsRun} code cells, seed ${seed}: ${verdict}`,
);
process.exitCode = findings.length === 0 ? 0 : 1;

/**
 * @param {string} path
 * @param {string} name
 * @param {string} text
 * @returns {Finding[]}
 */
function settleArtifact(path, name, text) {
  const writer = artifactWriters.get(name);
  if (writer !== undefined)
    return [{ path, message: `${ARTIFACT_FOLDER}/${name} is written by ${writer} too` }];
  artifactWriters.set(name, path);
  const file = join(root, ARTIFACT_FOLDER, name);
  if (!values.check) {
    mkdirSync(join(root, ARTIFACT_FOLDER), { recursive: true });
    writeIfChanged(file, text);
    return [];
  }
  const stored = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const difference = describeDifference(stored, text);
  if (difference === undefined) return [];
  return [{ path, message: `${ARTIFACT_FOLDER}/${name} differs: ${difference}` }];
}

/**
 * An unchanged file keeps its time, so that nothing that watches it wakes.
 * @param {string} file
 * @param {string} text
 */
function writeIfChanged(file, text) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}
