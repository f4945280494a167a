// One run over notebooks: check them all without running, then each in turn; write what came out, or compare it.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkOutputs, describeDifference } from './drift.mjs';
import { execute } from './execute.mjs';
import { formatNotebook } from './notebook-file.mjs';
import { readNotebookSet, withNeeded } from './notebook-set.mjs';
import { checkTypes, makeProgram } from './type-check.mjs';

/**
 * @typedef {import('./cell-module.mjs').CellModule} CellModule
 * @typedef {import('./finding.mjs').Finding} Finding
 * @typedef {import('./notebook-set.mjs').NotebookSet} NotebookSet
 * @typedef {{ check: boolean, seed: string, timeoutSeconds: number }} RunSettings `check`: compare, write nothing;
 *   the timeout is for each notebook
 * @typedef {{ findings: Finding[], summary: string }} Verdict green when there are no findings
 */

const ARTIFACT_FOLDER = 'configs/generated';

/**
 * @param {string} root
 * @param {string[]} named paths from the working directory; none means all notebooks
 * @param {RunSettings} settings
 * @returns {Promise<Verdict>}
 */
export async function runNotebooks(root, named, settings) {
  const set = readNotebookSet(root, named);
  const findings = withNeeded(set, set.selected).flatMap((path) => set.findings.get(path) ?? []);
  if (set.selected.length === 0) findings.push({ path: 'notebooks', message: 'nothing to run' });
  const modules = set.modules.filter(({ path }) => set.selected.includes(path));
  const ran =
    findings.length === 0 ? await runChecked(set, modules, settings) : { findings, notebooks: 0, cells: 0 };
  const verdict = ran.findings.length === 0 ? 'green' : `red: ${ran.findings.length} findings`;
  const counts = `${ran.notebooks} of ${set.selected.length} run, ${ran.cells} code cells`;
  return { findings: ran.findings, summary: `notebooks: ${counts}, seed ${settings.seed}: ${verdict}` };
}

/**
 * @param {NotebookSet} set
 * @param {CellModule[]} modules
 * @param {RunSettings} settings
 */
async function runChecked({ root, extracted }, modules, settings) {
  const program = makeProgram(root, modules, extracted);
  const findings = checkTypes(root, program, modules);
  let [notebooks, cells] = [0, 0];
  if (findings.length > 0) return { findings, notebooks, cells };
  /** @type {Map<string, string>} */
  const writers = new Map();
  for (const module of modules) {
    const run = await execute(root, program, module, settings);
    if (!run.ok) {
      findings.push(...run.findings);
      continue;
    }
    notebooks += 1;
    cells += module.spans.length;
    if (settings.check) findings.push(...checkOutputs(module.path, module.notebook, run.notebook));
    else writeIfChanged(join(root, module.path), formatNotebook(run.notebook));
    for (const [name, text] of run.artifacts) {
      const path = `${ARTIFACT_FOLDER}/${name}`;
      const message =
        objectToWriter(writers, path, module) ?? settleArtifact(root, path, text, settings.check);
      if (message !== undefined) findings.push({ path: module.path, message });
    }
  }
  return { findings, notebooks, cells };
}

/**
 * @param {Map<string, string>} writers artifact to the notebook that writes it; grows
 * @param {string} path
 * @param {CellModule} module
 */
function objectToWriter(writers, path, module) {
  const writer = writers.get(path);
  if (writer !== undefined) return `${path} is written by ${writer} too`;
  writers.set(path, module.path);
  return undefined;
}

/**
 * @param {string} root
 * @param {string} path
 * @param {string} text
 * @param {boolean} check
 */
function settleArtifact(root, path, text, check) {
  const file = join(root, path);
  if (check) {
    const difference = describeDifference(existsSync(file) ? readFileSync(file, 'utf8') : '', text);
    return difference === undefined ? undefined : `${path} differs: ${difference}`;
  }
  mkdirSync(join(root, ARTIFACT_FOLDER), { recursive: true });
  writeIfChanged(file, text);
  return undefined;
}

/**
 * An unchanged file keeps its time, so that nothing that watches it wakes.
 * @param {string} file
 * @param {string} text
 */
function writeIfChanged(file, text) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}
