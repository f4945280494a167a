// Running a notebook: its cells become one module, a process of its own imports it, and what came out returns as
// outputs by cell, or as findings at the cell and line that threw.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cellLine } from './cell-module.mjs';
import { instrument, removeTypes } from './instrument.mjs';
import { sourceDigest } from './notebook-file.mjs';
import { cellFile, sourceModules } from './type-check.mjs';

/**
 * @typedef {import('./cell-module.mjs').CellModule} CellModule
 * @typedef {import('./finding.mjs').Finding} Finding
 * @typedef {import('./instrument.mjs').RunningText} RunningText
 * @typedef {import('./notebook-file.mjs').Notebook} Notebook
 * @typedef {import('./notebook-file.mjs').Output} Output
 * @typedef {import('./cell-runner.mjs').RunAnswer} RunAnswer
 * @typedef {{ ok: true, notebook: Notebook, artifacts: Map<string, string> } | { ok: false, findings: Finding[] }} Run
 *   `artifacts`: file name to text, what the cells wrote into CAIO_NOTEBOOK_ARTIFACTS
 */

const RUNNER = fileURLToPath(new URL('./cell-runner.mjs', import.meta.url));

/**
 * Runs one notebook that passed its checks, with its folder as working directory, as Jupyter does.
 * @param {string} root
 * @param {import('typescript').Program} program
 * @param {CellModule} module
 * @param {{ seed: string, timeoutSeconds: number }} settings
 * @returns {Promise<Run>}
 */
export async function execute(root, program, module, settings) {
  const texts = runningTexts(root, program, module);
  const folder = mkdtempSync(join(tmpdir(), 'caio-notebook-'));
  try {
    const artifacts = join(folder, 'artifacts');
    mkdirSync(artifacts);
    const codes = Object.fromEntries([...texts].map(([url, { code }]) => [url, code]));
    const entry = pathToFileURL(cellFile(root, module)).href;
    writeFileSync(
      join(folder, 'request.json'),
      JSON.stringify({ entry, cellCount: module.spans.length, codes }),
    );
    const environment = { CAIO_NOTEBOOK_ARTIFACTS: artifacts, CAIO_NOTEBOOK_SEED: settings.seed };
    const ended = await runProcess(root, module, folder, environment, settings.timeoutSeconds);
    const answer = readAnswer(join(folder, 'answer.json'));
    const findings = findFailure(root, module, texts, answer, ended);
    findings.push(...checkArtifactNames(module, artifacts));
    if (findings.length > 0) return { ok: false, findings };
    return { ok: true, notebook: withOutputs(module, answer), artifacts: readArtifacts(artifacts) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} root
 * @param {import('typescript').Program} program
 * @param {CellModule} module
 */
function runningTexts(root, program, module) {
  const own = cellFile(root, module);
  /** @type {Map<string, RunningText>} */
  const texts = new Map();
  for (const { fileName, text } of sourceModules(root, program)) {
    if (fileName.endsWith('.ipynb.mts') && fileName !== own) continue;
    texts.set(
      pathToFileURL(fileName).href,
      removeTypes(fileName === own ? instrument(module) : text, fileName),
    );
  }
  return texts;
}

/**
 * @typedef {{ how: 'exit' | 'timeout', detail: string, errorText: string }} Ended
 * @param {string} root
 * @param {CellModule} module
 * @param {string} folder
 * @param {Record<string, string>} environment
 * @param {number} timeoutSeconds
 * @returns {Promise<Ended>}
 */
function runProcess(root, module, folder, environment, timeoutSeconds) {
  const { FORCE_COLOR: _, NODE_OPTIONS: __, ...inherited } = process.env;
  const env = {
    ...inherited,
    NO_COLOR: '1',
    CAIO_NOTEBOOK_DIGEST: sourceDigest(module.notebook),
    ...environment,
  };
  const child = spawn(process.execPath, [RUNNER, join(folder, 'request.json'), join(folder, 'answer.json')], {
    cwd: dirname(join(root, module.path)),
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errorText = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errorText += text;
  });
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutSeconds * 1000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (timedOut) resolve({ how: 'timeout', detail: `did not end within ${timeoutSeconds} s`, errorText });
      else resolve({ how: 'exit', detail: signal ?? `exit code ${code}`, errorText });
    });
  });
}

/**
 * @param {string} file
 * @returns {RunAnswer | undefined} nothing when the process was killed
 */
function readAnswer(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root
 * @param {CellModule} module
 * @param {Map<string, RunningText>} texts
 * @param {RunAnswer | undefined} answer
 * @param {Ended} ended
 * @returns {Finding[]}
 */
function findFailure(root, module, texts, answer, ended) {
  const { path } = module;
  if (ended.how === 'timeout') return [{ path, message: ended.detail }];
  if (answer === undefined)
    return [{ path, message: `the process ended: ${ended.detail} ${ended.errorText.trim()}` }];
  const running = module.spans[answer.lastCell];
  const inCell = running && { id: running.cell.id, ordinal: running.ordinal, line: 1 };
  if (answer.failure === undefined) {
    if (answer.finished) return [];
    return [{ path, at: inCell, message: describeEarlyEnd(ended) }];
  }
  const { message, line } = translateStack(root, module, texts, answer.failure.stack);
  return [{ path, at: line === undefined ? inCell : cellLine(module, line), message }];
}

/** @param {Ended} ended */
function describeEarlyEnd({ detail }) {
  // Node's code for a module whose top-level await has nothing left to wait for.
  if (detail === 'exit code 13') return 'awaits what never settles';
  return `the cells ended the process before their end (${detail})`;
}

/**
 * A stack trace with frames in the notebook and in source files named by their own lines; frames elsewhere are left out.
 * @param {string} root
 * @param {CellModule} module
 * @param {Map<string, RunningText>} texts
 * @param {string} stack
 * @returns {{ message: string, line: number | undefined }} `line` of the joined text, from 0, of the innermost frame
 *   inside the notebook
 */
function translateStack(root, module, texts, stack) {
  const own = pathToFileURL(cellFile(root, module)).href;
  /** @type {number | undefined} */
  let first;
  const kept = stack.split('\n').flatMap((text) => {
    const frame = /^\s+at (.*?)\(?(file:.*?):(\d+):(\d+)\)?$/.exec(text);
    if (frame === null) return /^\s+at /.test(text) ? [] : [text];
    const [, name = '', url = '', lineText, columnText] = frame;
    const map = texts.get(url)?.map;
    if (map === undefined) return [];
    const found = map.findEntry(Number(lineText) - 1, Number(columnText) - 1);
    const line = 'originalLine' in found ? found.originalLine : 0;
    if (url !== own)
      return [`    at ${name}${relative(root, fileURLToPath(url)).split(sep).join('/')}:${line + 1}`];
    first ??= line;
    const at = cellLine(module, line);
    return [`    at ${name === '' ? '' : `${name}in `}cell ${at?.id} (#${at?.ordinal}) line ${at?.line}`];
  });
  return { message: kept.join('\n'), line: first };
}

/**
 * @param {CellModule} module
 * @param {RunAnswer | undefined} answer
 * @returns {Notebook}
 */
function withOutputs(module, answer) {
  const cells = module.notebook.cells.map((cell) => {
    const index = module.spans.findIndex((span) => span.cell === cell);
    if (cell.cell_type !== 'code' || index < 0) return cell;
    const { printed = [], shown } = answer?.cells[index] ?? {};
    /** @type {Output[]} */
    const outputs = printed.map(({ name, text }) => ({ output_type: 'stream', name, text }));
    const execution_count = index + 1;
    if (shown !== undefined) {
      outputs.push({ output_type: 'execute_result', execution_count, data: shown, metadata: {} });
    }
    return { ...cell, execution_count, outputs };
  });
  return { ...module.notebook, cells };
}

/**
 * @param {CellModule} module
 * @param {string} folder
 * @returns {Finding[]}
 */
function checkArtifactNames({ path }, folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isFile() || !/^[A-Za-z0-9][A-Za-z0-9._-]*\.json$/.test(entry.name))
    .map(({ name }) => ({
      path,
      message: `wrote the artifact "${name}", which is not a file named NAME.json`,
    }));
}

/** @param {string} folder */
function readArtifacts(folder) {
  const names = readdirSync(folder).sort();
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
