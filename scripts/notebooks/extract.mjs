// extract.mjs [--check] [--root DIR]
// Writes the modules of src/verifier that notebooks hold. With --check nothing is written: every file must be what its
// notebook says, and every generated file must have a notebook. Exit 0 green, 1 red.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatFinding } from './finding.mjs';
import { writeModules } from './write-modules.mjs';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    root: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
  },
});
const { findings, summary } = writeModules(resolve(values.root), { check: values.check });
for (const finding of findings) console.error(formatFinding(finding));
console.log(summary);
process.exitCode = findings.length === 0 ? 0 : 1;
