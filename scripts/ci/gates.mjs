// The gates of `npm run check`, in order. A new gate is a row: its command fails by exit code and prints what it counted.
import { lastNumber } from './gate.mjs';

const bin = (name) => `node_modules/.bin/${name}`;
const checkedFiles = lastNumber(/Checked (\d+) files?/);

/** A line of tsc's --listFiles, as against one of its findings. */
const isListed = (line) => /^\S+\.(ts|mts|cts|js|mjs|json)$/.test(line);

/** @type {readonly import('./gate.mjs').Gate[]} */
export const gates = [
  { name: 'format', command: [bin('biome'), 'format', '.'], unit: 'files', count: checkedFiles },
  {
    name: 'lint',
    command: [bin('biome'), 'check', '--formatter-enabled=false', '--error-on-warnings', '.'],
    unit: 'files',
    count: checkedFiles,
  },
  {
    name: 'types',
    command: [bin('tsc'), '--noEmit', '-p', 'tsconfig.json', '--listFiles'],
    unit: 'files',
    count: (output) =>
      output.split('\n').filter((line) => isListed(line) && !line.includes('/node_modules/')).length,
    shown: (output) =>
      output
        .split('\n')
        .filter((line) => !isListed(line))
        .join('\n'),
  },
  {
    name: 'imports',
    command: [process.execPath, 'scripts/ci/imports.mjs'],
    unit: 'modules',
    count: lastNumber(/(\d+) modules of src/),
  },
  {
    name: 'purity',
    command: [process.execPath, 'scripts/ci/purity.mjs'],
    unit: 'modules',
    count: lastNumber(/(\d+) pure modules/),
  },
  {
    name: 'schemas',
    command: [process.execPath, 'scripts/schemas/embed.mjs', '--check'],
    unit: 'schemas',
    count: lastNumber(/(\d+) schemas/),
  },
  {
    name: 'extraction',
    command: [process.execPath, 'scripts/notebooks/extract.mjs', '--check'],
    unit: 'modules',
    count: lastNumber(/(\d+) modules compared/),
  },
  {
    name: 'notebooks',
    command: [process.execPath, 'scripts/notebooks/run.mjs', '--check'],
    unit: 'notebooks',
    count: lastNumber(/notebooks: (\d+) of/),
  },
  {
    name: 'links',
    command: [process.execPath, 'scripts/ci/links.mjs'],
    unit: 'links',
    count: lastNumber(/(\d+) relative links/),
  },
  {
    name: 'words',
    command: [process.execPath, 'scripts/ci/words.mjs'],
    unit: 'files',
    count: lastNumber(/(\d+) files examined/),
  },
  {
    name: 'secrets',
    command: [process.execPath, 'scripts/ci/secrets.mjs'],
    unit: 'files',
    count: lastNumber(/(\d+) files examined/),
  },
  { name: 'tests', command: ['npm', 'test'], unit: 'tests', count: lastNumber(/Tests\s.*?(\d+) passed/) },
];
