import { describe, expect, it } from 'vitest';
import { inWorkshop, runScript } from './workshop.js';

const purity = (folder: string) => runScript('scripts/ci/purity.mjs', folder);

const impure: readonly (readonly [file: string, expression: string, finding: string])[] = [
  ['kernel/clock', 'Date.now()', 'Date.now reads the clock'],
  ['contracts/clock', 'new Date()', 'new Date() reads the clock'],
  ['registry/clock', 'Date()', 'Date() reads the clock'],
  ['rules/clock', 'performance.now()', 'the global performance'],
  ['security/random', 'Math.random()', 'Math.random is random'],
  ['control/log', 'Math.log(2)', 'Math.log is random, or left to the implementation'],
  ['control/power', '((x: number) => x ** 2)(3)', '** is exact for literals only'],
  ['optimization/random', 'crypto.randomUUID()', 'the global crypto'],
  ['guarantees/environment', "process.env['HOME']", 'the global process'],
  ['proofs/console', 'console.log(1)', 'the global console'],
  ['orchestrator/network', "fetch('http://127.0.0.1')", 'the global fetch'],
  ['orchestrator/timer', 'setTimeout(() => 1, 1)', 'the global setTimeout'],
  ['orchestrator/locale', "'a'.localeCompare('b')", 'localeCompare depends on the locale'],
  ['orchestrator/shorthand', '{ process }', 'the global process'],
  ['log/zone', 'new Date(0).getTimezoneOffset()', 'getTimezoneOffset depends on the locale'],
  ['verifier/buffer', "Buffer.from('a')", 'the global Buffer'],
  ['prover/escape', "globalThis['fetch']", 'the global globalThis'],
];

describe('the purity gate', () => {
  it('is green on arithmetic, members and types that are named like globals, drivers and outer folders', () => {
    const files = {
      'src/kernel/a.ts':
        "import { createHash } from 'node:crypto';\nexport const a = createHash('sha256');\n",
      'src/control/a.ts': 'export const a = Math.sqrt(2) + Math.PI + 10 ** 6 + new Date(0).getTime();\n',
      'src/rules/a.ts':
        'export const a = { process: 1, fetch: 2 };\nexport const b = a.fetch;\nexport type C = Performance;\n',
      'src/verifier/a.ts': "export const a = () => crypto.subtle.digest('SHA-256', new Uint8Array(1));\n",
      'src/log/drivers/a.ts': 'export const a = Date.now();\n',
      'src/server/a.ts': 'export const a = Math.random() + Date.now();\n',
    };
    expect(inWorkshop(files, purity)).toEqual({ status: 0, output: '4 pure modules, 0 findings\n' });
  });

  it('is red for each of the ways out', () => {
    const files = impure.map(([file, expression]) => [
      `src/${file}.ts`,
      `export const a =\n  ${expression};\n`,
    ]);
    const { status, output } = inWorkshop(Object.fromEntries(files), purity);
    expect(status).toBe(1);
    for (const [file, , finding] of impure) expect(output).toContain(`src/${file}.ts:2: ${finding}`);
    expect(output).toContain(`${impure.length} pure modules, ${impure.length} findings`);
  });

  it('is red for randomness imported beside hashing', () => {
    const files = {
      'src/proofs/a.ts':
        "import { createHash, randomBytes as salt } from 'node:crypto';\nexport const a = [createHash, salt];\n",
    };
    expect(inWorkshop(files, purity).output).toContain('salt of node:crypto is a source of randomness');
  });

  it('is red where there is nothing to examine', () => {
    expect(inWorkshop({}, purity)).toEqual({ status: 1, output: '0 pure modules, 0 findings\n' });
  });
});
