import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inWorkshop, type Run, root, runScript } from './workshop.js';

const value = 'export const value = 1;\n';
const types = 'export interface Shape {\n  readonly a: number;\n}\n';

/** One file of each folder for the violations below to reach, and imports that are allowed. */
const sound: Readonly<Record<string, string>> = {
  'src/kernel/a.ts': "import { createHash } from 'node:crypto';\nexport const hash = createHash;\n",
  'src/contracts/a.ts': "export { hash } from '../kernel/a.js';\n",
  'src/contracts/shape.ts': types,
  'src/registry/a.ts': "export { hash } from '../contracts/a.js';\n",
  'src/rules/a.ts': "export { hash } from '../kernel/a.js';\n",
  'src/rules/syntax.ts': value,
  'src/security/a.ts': value,
  'src/control/a.ts': value,
  'src/optimization/a.ts': value,
  'src/guarantees/a.ts': value,
  'src/proofs/a.ts': "import { createHmac } from 'node:crypto';\nexport const hmac = createHmac;\n",
  'src/orchestrator/a.ts':
    "export { hash } from '../registry/a.js';\nexport { hmac } from '../proofs/a.js';\n",
  'src/storage/folder.ts': "import { openSync } from 'node:fs';\nexport const open = openSync;\n",
  'src/log/a.ts': "export { hash } from '../contracts/a.js';\n",
  'src/log/drivers/file.ts': "export { open } from '../../storage/folder.js';\n",
  'src/gateway/a.ts':
    "export { hash } from '../orchestrator/a.js';\nexport { open } from '../log/drivers/file.js';\n",
  'src/server/a.ts':
    "import fastify from 'fastify';\nexport const make = fastify;\nexport { hash } from '../gateway/a.js';\n",
  'src/verifier/a.ts':
    "import type { Shape } from '../contracts/shape.js';\nexport type Same = Shape;\nexport const value = 1;\n",
  'src/prover/a.ts': "export { value } from '../rules/syntax.js';\n",
  'src/sdk/a.ts': "export { value } from '../verifier/a.js';\n",
  'src/cli/a.ts': "export { hash } from '../server/a.js';\nexport { value } from '../sdk/a.js';\n",
};

const importing = (...paths: readonly string[]) => paths.map((path) => `import '${path}';\n`).join('');

/** What is planted, and the lines that have to be reported for it. */
const planted: readonly (readonly [file: string, text: string, finding: string])[] = [
  [
    'src/kernel/up.ts',
    importing('../contracts/a.js'),
    'imports-of-kernel: src/kernel/up.ts -> src/contracts/a.ts',
  ],
  ['src/kernel/disk.ts', importing('node:fs'), 'only-hashing-from-built-ins: src/kernel/disk.ts -> fs'],
  ['src/kernel/package.ts', importing('yaml'), 'kernel-has-no-dependencies: src/kernel/package.ts -> '],
  [
    'src/contracts/up.ts',
    importing('../rules/a.js'),
    'imports-of-contracts: src/contracts/up.ts -> src/rules/a.ts',
  ],
  ['src/contracts/disk.ts', importing('fs'), 'no-built-ins-in-pure-folders: src/contracts/disk.ts -> fs'],
  ...['registry', 'rules', 'security', 'control', 'optimization', 'guarantees', 'proofs'].flatMap(
    (step, i, steps) => {
      const other = steps[(i + 1) % steps.length] as string;
      return [
        [
          `src/${step}/sideways.ts`,
          importing(`../${other}/a.js`),
          `imports-of-${step}: src/${step}/sideways.ts -> src/${other}/a.ts`,
        ],
        [
          `src/${step}/up.ts`,
          importing('../orchestrator/a.js'),
          `imports-of-${step}: src/${step}/up.ts -> src/orchestrator/a.ts`,
        ],
      ] as const;
    },
  ),
  [
    'src/security/clock.ts',
    importing('node:crypto'),
    'no-built-ins-in-pure-folders: src/security/clock.ts -> crypto',
  ],
  ['src/proofs/disk.ts', importing('node:fs'), 'only-hashing-from-built-ins: src/proofs/disk.ts -> fs'],
  [
    'src/orchestrator/up.ts',
    importing('../log/a.js'),
    'imports-of-orchestrator: src/orchestrator/up.ts -> src/log/a.ts',
  ],
  [
    'src/orchestrator/clock.ts',
    importing('node:timers'),
    'no-built-ins-in-pure-folders: src/orchestrator/clock.ts',
  ],
  [
    'src/orchestrator/net.ts',
    importing('undici'),
    'no-network-packages-in-pure-folders: src/orchestrator/net.ts',
  ],
  [
    'src/log/side.ts',
    importing('../orchestrator/a.js'),
    'imports-of-log: src/log/side.ts -> src/orchestrator/a.ts',
  ],
  [
    'src/log/folder.ts',
    importing('../storage/folder.js'),
    'the-log-reaches-the-disk-through-its-drivers: src/log/folder.ts -> src/storage/folder.ts',
  ],
  ['src/storage/up.ts', importing('../log/a.js'), 'imports-of-storage: src/storage/up.ts -> src/log/a.ts'],
  ['src/log/disk.ts', importing('node:fs'), 'only-hashing-from-built-ins: src/log/disk.ts -> fs'],
  [
    'src/gateway/up.ts',
    importing('../server/a.js'),
    'imports-of-gateway: src/gateway/up.ts -> src/server/a.ts',
  ],
  ['src/server/up.ts', importing('../cli/a.js'), 'imports-of-server: src/server/up.ts -> src/cli/a.ts'],
  [
    'src/server/side.ts',
    importing('../verifier/a.js'),
    'imports-of-server: src/server/side.ts -> src/verifier/a.ts',
  ],
  [
    'src/verifier/kernel.ts',
    importing('../kernel/a.js'),
    'imports-of-verifier: src/verifier/kernel.ts -> src/kernel/a.ts',
  ],
  [
    'src/verifier/rules.ts',
    importing('../rules/a.js'),
    'imports-of-verifier: src/verifier/rules.ts -> src/rules/a.ts',
  ],
  [
    'src/verifier/code.ts',
    importing('../contracts/a.js'),
    'verifier-takes-types-only: src/verifier/code.ts -> src/contracts/a.ts',
  ],
  [
    'src/verifier/node.ts',
    importing('node:crypto'),
    'no-built-ins-in-pure-folders: src/verifier/node.ts -> crypto',
  ],
  [
    'src/prover/rules.ts',
    importing('../rules/a.js'),
    'imports-of-prover: src/prover/rules.ts -> src/rules/a.ts',
  ],
  ['src/sdk/server.ts', importing('../server/a.js'), 'imports-of-sdk: src/sdk/server.ts -> src/server/a.ts'],
  ['src/stray/a.ts', importing('../kernel/a.js'), 'folder-without-a-row: src/stray/a.ts -> src/kernel/a.ts'],
  ['src/cli/circle.ts', importing('./circle2.js'), 'no-circles: src/cli/circle.ts -> src/cli/circle2.ts'],
  ['src/cli/circle2.ts', importing('./circle.js'), 'no-circles: src/cli/circle.ts -> src/cli/circle2.ts'],
  ['src/cli/gone.ts', importing('./nowhere.js'), 'no-unresolvable: src/cli/gone.ts -> ./nowhere.js'],
  ['src/cli/dev.ts', importing('fast-check'), 'src-uses-declared-packages: src/cli/dev.ts -> '],
  ['src/cli/test.ts', importing('../../tests/a.js'), 'src-stands-alone: src/cli/test.ts -> tests/a.ts'],
  ['tests/a.ts', value, ''],
];

const imports = (folder: string): Run => runScript('scripts/ci/imports.mjs', folder);

describe('the imports gate', () => {
  it('is green where every import is allowed', () => {
    const run = inWorkshop(sound, imports);
    expect(run).toEqual({ status: 0, output: `${Object.keys(sound).length} modules of src, 0 violations\n` });
  });

  it(`is red for each of ${planted.length - 1} planted violations`, () => {
    const files = { ...sound, ...Object.fromEntries(planted.map(([file, text]) => [file, text])) };
    const { status, output } = inWorkshop(files, imports);
    expect(status).toBe(1);
    const missing = planted
      .filter(([, , finding]) => !output.includes(finding))
      .map(([, , finding]) => finding);
    expect(missing, output).toEqual([]);
  });

  it('is red where there is nothing to examine', () => {
    expect(inWorkshop({}, imports)).toEqual({ status: 1, output: '0 modules of src\n' });
  });

  it('is red where the cruiser does not see the TypeScript files', () => {
    const run = inWorkshop({ ...sound, 'src/kernel/disk.ts': importing('node:fs') }, (folder) => {
      const config = readFileSync(join(root, '.dependency-cruiser.cjs'), 'utf8');
      writeFileSync(
        join(folder, '.dependency-cruiser.cjs'),
        config.replace("'^dist/'", () => "'[.]ts$'"),
      );
      return imports(folder);
    });
    expect(run.status).toBe(1);
    expect(run.output).toContain(
      `the cruiser saw 0 of ${Object.keys(sound).length + 1} TypeScript files in src`,
    );
  });
});
