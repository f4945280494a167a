// Compiles src -> dist and, where there are examples, examples -> dist/examples. Outputs whose source is gone are removed,
// so that a deleted module cannot live on in dist.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

const filesUnder = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    : [];

function removeOrphans(outFolder, sourceFolder, keep) {
  for (const file of filesUnder(join(root, outFolder))) {
    const stem = file.replace(/(\.d\.ts|\.js)$/, '');
    if (stem === file || keep(file) || existsSync(join(root, sourceFolder, `${stem}.ts`))) continue;
    rmSync(join(root, outFolder, file));
  }
}

function compile(project) {
  const run = spawnSync(process.execPath, [tsc, '-p', join(root, project)], { stdio: 'inherit', cwd: root });
  if (run.status !== 0) process.exit(run.status ?? 1);
}

const hasTypeScript = (folder) => filesUnder(join(root, folder)).some((file) => file.endsWith('.ts'));

removeOrphans('dist', 'src', (file) => file.startsWith('examples'));
removeOrphans(join('dist', 'examples'), 'examples', () => false);
if (hasTypeScript('src')) compile('tsconfig.build.json');
if (hasTypeScript('examples')) compile('tsconfig.examples.json');

// The bin of package.json: npm sets this bit when it installs the package, not in a clone.
const command = join(root, 'dist', 'cli', 'main.js');
if (existsSync(command)) chmodSync(command, 0o755);
