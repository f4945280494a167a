// run.mjs [NOTEBOOK...] [--check] [--root DIR] [--timeout SECONDS]
// Runs notebooks (all under notebooks/ when none is named) and writes what they print into them. With --check nothing
// is written: stored outputs and artifacts must be what the run gives. Exit 0 green, 1 red.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatFinding } from './finding.mjs';
import { runNotebooks } from './run-notebooks.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    root: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
    timeout: { type: 'string', default: '600' },
  },
});
const seed = process.env.CAIO_NOTEBOOK_SEED ?? '42';
const settings = { check: values.check, seed, timeoutSeconds: Number(values.timeout) };

const { findings, summary } = await runNotebooks(resolve(values.root), positionals, settings);
for (const finding of findings) console.error(formatFinding(finding));
console.log(summary);
process.exitCode = findings.length === 0 ? 0 : 1;
