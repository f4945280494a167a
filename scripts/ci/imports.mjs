// The import rules of .dependency-cruiser.cjs over src. Fails also when the cruiser did not see every TypeScript file there is:
// with a compiler that it cannot load it sees none and reports no violations.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = process.argv[2] ?? root;
const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

const onDisk = existsSync(join(folder, 'src'))
  ? readdirSync(join(folder, 'src'), { recursive: true }).filter((file) => String(file).endsWith('.ts'))
      .length
  : 0;
if (onDisk === 0) {
  console.log('0 modules of src');
  process.exit(1);
}

const run = spawnSync(
  process.execPath,
  [cruiser, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'],
  { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 },
);
let report;
try {
  report = JSON.parse(run.stdout);
} catch {
  console.error(run.stdout, run.stderr);
  process.exit(1);
}
const seen = report.modules.filter(
  ({ source }) => source.startsWith('src/') && source.endsWith('.ts'),
).length;
const violations = report.summary.violations;
for (const { rule, from, to } of violations) {
  const why = report.summary.ruleSetUsed?.forbidden?.find(({ name }) => name === rule.name)?.comment;
  console.error(`${rule.name}: ${from} -> ${to}${why ? `\n  ${why}` : ''}`);
}
if (seen < onDisk) console.error(`the cruiser saw ${seen} of ${onDisk} TypeScript files in src`);
console.log(`${seen} modules of src, ${violations.length} violations`);
process.exit(violations.length === 0 && seen >= onDisk ? 0 : 1);
