// The process in which one notebook runs. Reads the request file named by its first argument, imports the notebook's
// module, collects what each cell prints and shows, and leaves the answer in the file named by the second, at exit.
// A process of its own: nothing of one notebook reaches the next, and an endless cell can be ended.

import { readFileSync, writeFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { inspect } from 'node:util';
import * as hooks from './module-hooks.mjs';

/**
 * @typedef {{ entry: string, cellCount: number, codes: Record<string, string> }} RunRequest
 * @typedef {{ name: 'stdout' | 'stderr', text: string }} Printed
 * @typedef {{ printed: Printed[], shown?: Record<string, unknown> }} CellAnswer `shown` is a bundle by MIME type
 * @typedef {{ cell: number, stack: string }} RunFailure `cell`: the last cell entered, −1 before the first
 * @typedef {{ cells: CellAnswer[], finished: boolean, lastCell: number, failure?: RunFailure }} RunAnswer
 */

const [requestFile = '', answerFile = ''] = process.argv.slice(2);
/** @type {RunRequest} */
const request = JSON.parse(readFileSync(requestFile, 'utf8'));
/** @type {RunAnswer} */
const answer = {
  cells: Array.from({ length: request.cellCount }, () => ({ printed: [] })),
  finished: false,
  lastCell: -1,
};

process.on('exit', () => writeFileSync(answerFile, JSON.stringify(answer)));
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit(1);
});
catchPrinting('stdout');
catchPrinting('stderr');
Object.defineProperty(globalThis, '__notebook', { value: { enter, value: show } });
registerHooks(request.codes);

try {
  await import(request.entry);
  answer.finished = true;
} catch (error) {
  fail(error);
  process.exit(1);
}

/** @param {number} cell */
function enter(cell) {
  answer.lastCell = cell;
}

/**
 * @param {number} cell
 * @param {unknown} value
 */
function show(cell, value) {
  const answered = answer.cells[cell];
  if (value !== undefined && answered !== undefined) answered.shown = bundleOf(value);
}

/**
 * The kernels' convention: a value may bring its own bundle under Symbol.for('Jupyter.display').
 * @param {any} value
 * @returns {Record<string, unknown>}
 */
function bundleOf(value) {
  const display = value?.[Symbol.for('Jupyter.display')];
  if (typeof display === 'function') return display.call(value);
  return { 'text/plain': inspect(value, { depth: 8, breakLength: 100, colors: false, maxArrayLength: 200 }) };
}

/** @param {'stdout' | 'stderr'} name */
function catchPrinting(name) {
  /**
   * @param {string | Uint8Array} chunk
   * @param {unknown[]} rest
   */
  const write = (chunk, ...rest) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    const printed = answer.cells[Math.max(answer.lastCell, 0)]?.printed;
    const last = printed?.at(-1);
    if (last?.name === name) last.text += text;
    else printed?.push({ name, text });
    const done = rest.find((argument) => typeof argument === 'function');
    if (typeof done === 'function') process.nextTick(() => done());
    return true;
  };
  Object.assign(process[name], { write });
}

/** @param {unknown} error */
function fail(error) {
  if (answer.failure !== undefined) return;
  const stack = error instanceof Error ? (error.stack ?? String(error)) : `thrown: ${inspect(error)}`;
  answer.failure = { cell: answer.lastCell, stack };
  answer.finished = false;
}

/** @param {Record<string, string>} codes */
function registerHooks(codes) {
  // Newer Node has hooks on the same thread and means to retire the older kind; Node 20 has the older kind only.
  const inThread = /** @type {{ registerHooks?: (hooks: object) => void }} */ (nodeModule).registerHooks;
  if (inThread !== undefined) {
    hooks.initialize(codes);
    inThread({ resolve: hooks.resolve, load: hooks.load });
  } else nodeModule.register('./module-hooks.mjs', import.meta.url, { data: codes });
}
