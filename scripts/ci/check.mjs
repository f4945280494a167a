// npm run check: every gate, one line each. `--no-tests` leaves out the tests (for a caller that has just run them),
// `--only NAME` runs one gate.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runGate, verdictLine } from './gate.mjs';
import { gates } from './gates.mjs';

const { values } = parseArgs({ options: { 'no-tests': { type: 'boolean' }, only: { type: 'string' } } });
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const chosen = gates.filter(
  ({ name }) =>
    (values.only === undefined || name === values.only) && !(values['no-tests'] && name === 'tests'),
);
if (chosen.length === 0) {
  console.error(`there is no gate ${values.only}; there are ${gates.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

let failed = 0;
for (const gate of chosen) {
  const verdict = runGate(gate, root);
  if (!verdict.passed) {
    failed += 1;
    console.error(verdict.output);
  }
  console.log(verdictLine(verdict));
}
console.log(`gates: ${chosen.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
