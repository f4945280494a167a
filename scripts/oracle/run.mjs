// npm run oracle: our formats held against programs of others. Exit 0 also when an oracle is not there: it says why it skips.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notesOracle } from './notes.mjs';
import { tlogOracle } from './tlog.mjs';

const oracles = { tlog: tlogOracle, notes: notesOracle };
const scratch = mkdtempSync(join(tmpdir(), 'caio-oracle-'));
let failed = 0;
try {
  for (const [name, oracle] of Object.entries(oracles)) {
    const { missing, findings = [], seen = {} } = await oracle(scratch);
    if (missing !== undefined) {
      console.log(`${name}: skipped, ${missing}`);
      continue;
    }
    for (const finding of findings) console.error(`${name}: ${finding}`);
    const counts = Object.entries(seen).map(([what, count]) => `${count} ${what}`);
    const empty = Object.values(seen).some((count) => count === 0) || counts.length === 0;
    console.log(`${name}: ${counts.join(', ')}: ${findings.length === 0 && !empty ? 'green' : 'red'}`);
    if (findings.length > 0 || empty) failed += 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);
