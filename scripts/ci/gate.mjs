// What every gate is: a command that fails when what it guards is broken, and a count of what it examined. A gate that examined
// nothing fails too, whatever its command says.
import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/**
 * @typedef {{ name: string, command: string[], unit: string, count: (output: string) => number,
 *   shown?: (output: string) => string }} Gate
 * @typedef {{ name: string, passed: boolean, count: number, unit: string, reason: string, output: string }} Verdict
 */

/** @param {Gate} gate @param {string} folder @returns {Verdict} */
export function runGate(gate, folder) {
  const [program, ...args] = gate.command;
  const env = { ...process.env, NO_COLOR: '1' };
  const run = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  // Some tools colour even a pipe.
  const output = stripVTControlCharacters(`${run.stdout ?? ''}${run.stderr ?? ''}`);
  const count = gate.count(output);
  const reason = run.error
    ? run.error.message
    : run.status !== 0
      ? `exit ${run.status ?? run.signal}`
      : count > 0
        ? ''
        : 'examined nothing';
  return {
    name: gate.name,
    passed: reason === '',
    count,
    unit: gate.unit,
    reason,
    output: gate.shown?.(output) ?? output,
  };
}

/** The number in the last match of `pattern`; 0 where there is none. @param {RegExp} pattern */
export function lastNumber(pattern) {
  const global = new RegExp(pattern, 'g');
  return (/** @type {string} */ output) => Number([...output.matchAll(global)].at(-1)?.[1] ?? 0);
}

/** @param {Verdict} verdict */
export function verdictLine({ name, passed, count, unit, reason }) {
  return `${passed ? 'pass' : 'FAIL'}  ${name.padEnd(10)} ${String(count).padStart(6)} ${unit}${reason && `  (${reason})`}`;
}
