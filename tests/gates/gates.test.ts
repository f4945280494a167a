import { describe, expect, it } from 'vitest';
import { lastNumber, runGate, verdictLine } from '../../scripts/ci/gate.mjs';
import { gates } from '../../scripts/ci/gates.mjs';
import { inWorkshop, runScript } from './workshop.js';

function gateNamed(name: string) {
  const gate = gates.find((candidate) => candidate.name === name);
  if (gate === undefined) throw new Error(`no gate ${name}`);
  return gate;
}

const clean = { 'src/a.ts': 'export const a = 1;\n' };

/** The gate's verdict on a folder of these files. The test gate runs the runner itself: the folder has nothing to build. */
function verdictOn(name: string, files: Readonly<Record<string, string>>) {
  const gate = gateNamed(name);
  const command = name === 'tests' ? ['node_modules/.bin/vitest', 'run'] : gate.command;
  return inWorkshop(files, (folder) => runGate({ ...gate, command }, folder));
}

describe('a gate', () => {
  const count = lastNumber(/saw (\d+)/);
  const gate = (script: string) => ({
    name: 'canary',
    command: ['node', '-e', script],
    unit: 'things',
    count,
  });

  it('passes when its command does and it examined something', () => {
    const verdict = runGate(gate('console.log("saw 3")'), '.');
    expect(verdict).toMatchObject({ passed: true, count: 3, reason: '' });
    expect(verdictLine(verdict)).toBe('pass  canary          3 things');
  });

  it('fails when it examined nothing, though its command is content', () => {
    for (const script of ['console.log("saw 0")', 'console.log("all well")', '']) {
      const verdict = runGate(gate(script), '.');
      expect(verdict).toMatchObject({ passed: false, count: 0, reason: 'examined nothing' });
      expect(verdictLine(verdict)).toBe('FAIL  canary          0 things  (examined nothing)');
    }
  });

  it('fails when its command does, is killed, or is not there', () => {
    expect(runGate(gate('console.log("saw 3"); process.exit(3)'), '.').reason).toBe('exit 3');
    expect(runGate(gate('process.kill(process.pid, "SIGKILL")'), '.').reason).toBe('exit SIGKILL');
    expect(runGate({ ...gate(''), command: ['./no-such-program'] }, '.').reason).toContain('ENOENT');
  });
});

describe('npm run check', () => {
  it('refuses the name of a gate that is not there', () => {
    const run = runScript('scripts/ci/check.mjs', '--only', 'nonsense');
    expect(run.status).toBe(2);
    expect(run.output).toContain('there is no gate nonsense');
  });
});

describe('the format gate', () => {
  it('is green on formatted files', () => {
    expect(verdictOn('format', clean).passed).toBe(true);
  });

  it('is red on a file that is not', () => {
    expect(verdictOn('format', { 'src/a.ts': 'export  const a = "1"\n' })).toMatchObject({ passed: false });
  });
});

describe('the lint gate', () => {
  it('is green on clean files', () => {
    expect(verdictOn('lint', clean).passed).toBe(true);
  });

  it.each([
    ['a default export', 'src/a.ts', 'export default 1;\n', 'noDefaultExport'],
    ['an unused import', 'src/a.ts', "import { b } from './b.js';\nexport const a = 1;\n", 'noUnusedImports'],
    [
      'a value import in the verifier that holds types only',
      'src/verifier/a.ts',
      "import { type B, type C } from './b.js';\nexport type A = B | C;\n",
      'useImportType',
    ],
    ['any', 'src/a.ts', 'export const a: any = 1;\n', 'noExplicitAny'],
    [
      'imports that are out of order',
      'src/a.ts',
      "import { c } from './c.js';\nimport { b } from './b.js';\nexport const a = b + c;\n",
      'organizeImports',
    ],
  ])('is red on %s', (_name, file, text, rule) => {
    const verdict = verdictOn('lint', { [file]: text });
    expect(verdict.passed).toBe(false);
    expect(verdict.output).toContain(rule);
  });
});

describe('the types gate', () => {
  it('is green on sound types, and counts the files of the project only', () => {
    expect(verdictOn('types', clean)).toMatchObject({ passed: true, count: 2 });
  });

  it('is red on an unchecked index, an undefined for an absent member, and a type imported as a value', () => {
    const verdict = verdictOn('types', {
      'src/index.ts': 'export const a = (list: readonly string[]): string => list[0];\n',
      'src/absent.ts': 'export const a: { b?: number } = { b: undefined };\n',
      'src/type.ts': "import { SpawnOptions } from 'node:child_process';\nexport type A = SpawnOptions;\n",
    });
    expect(verdict.passed).toBe(false);
    for (const finding of [/index\.ts.*TS2322/, /absent\.ts.*TS2375/, /type\.ts.*TS1484/]) {
      expect(verdict.output).toMatch(finding);
    }
  });
});

describe('the tests gate', () => {
  const one = (body: string) =>
    `import { expect, it } from 'vitest';\nit('x', () => {${body}});\nexport { expect };\n`;

  it('is green when a test passes', () => {
    expect(verdictOn('tests', { 'tests/a.test.ts': one('expect(1).toBe(1);') })).toMatchObject({
      passed: true,
      count: 1,
    });
  });

  it.each([
    ['a test fails', one('expect(1).toBe(2);')],
    ['a test expects nothing', one('')],
    ['a file has no test', 'export {};\n'],
    ['every test is skipped', "import { it } from 'vitest';\nit.skip('x', () => {});\n"],
  ])('is red when %s', (_name, text) => {
    expect(verdictOn('tests', { 'tests/a.test.ts': text })).toMatchObject({ passed: false });
  });

  it('is red when there is no test file', () => {
    expect(verdictOn('tests', clean)).toMatchObject({ passed: false, count: 0 });
  });
});
