import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));
const folders: string[] = [];
let root: string;

// A tree of its own for every test: the packages of this one, no notebooks and no sources.
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'notebooks-gate-'));
  folders.push(root);
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
  put('package.json', '{ "type": "module" }');
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function get(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

interface Verdict {
  readonly findings: readonly object[];
  readonly summary: string;
}
interface Tools {
  formatFinding(finding: object): string;
  runNotebooks(root: string, named: readonly string[], settings: object): Promise<Verdict>;
  writeModules(root: string, settings: object): Verdict;
  parseNotebook(text: string): object;
  formatNotebook(notebook: object): string;
  parsePercentText(text: string, earlier?: object): object;
}
const modules = ['finding', 'run-notebooks', 'write-modules', 'notebook-file', 'percent-text'];
const loaded = modules.map((name): Promise<object> => import(join(project, `scripts/notebooks/${name}.mjs`)));
const tools: Tools = Object.assign({}, ...(await Promise.all(loaded)));

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

function ended({ findings, summary }: Verdict): Ended {
  return {
    code: findings.length === 0 ? 0 : 1,
    said: [...findings.map(tools.formatFinding), summary].join('\n'),
  };
}
const SETTINGS = { check: false, seed: '42', timeoutSeconds: 60 };

/** Runs the named notebooks, or all; `said` is what the command would print. */
async function run(settings: Partial<typeof SETTINGS> = {}, ...named: string[]): Promise<Ended> {
  const paths = named.map((path) => join(root, path));
  return ended(await tools.runNotebooks(root, paths, { ...SETTINGS, ...settings }));
}
const checkRun = () => run({ check: true });
const extract = () => ended(tools.writeModules(root, { check: false }));
const checkExtract = () => ended(tools.writeModules(root, { check: true }));

/** Writes notebooks/math/NAME.ipynb from cells in the text form. */
function notebook(name: string, ...cells: string[]): string {
  const path = `notebooks/math/${name}.ipynb`;
  const earlier = existsSync(join(root, path)) ? tools.parseNotebook(get(path)) : undefined;
  put(path, tools.formatNotebook(tools.parsePercentText(`${cells.join('\n\n')}\n`, earlier)));
  return path;
}

function command(name: string, ...args: string[]): Ended {
  const script = join(project, 'scripts/notebooks', `${name}.mjs`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { code: status, said: stdout + stderr };
}

interface StoredCell {
  readonly id: string;
  readonly execution_count?: number;
  readonly outputs?: readonly Record<string, unknown>[];
}

function storedCell(path: string, id: string): StoredCell {
  const { cells } = JSON.parse(get(path)) as { cells: StoredCell[] };
  const cell = cells.find((candidate) => candidate.id === id);
  if (cell === undefined) throw new Error(`no cell ${id}`);
  return cell;
}

const SQUARE = [
  '// %% [notebook] module=src/verifier/square.ts',
  "// %% id=imports\nimport { createHash } from 'node:crypto';\nimport { readFileSync } from 'node:fs';",
  '// %% id=square tags=extract\nexport type Whole = number;\nexport function square(n: Whole): Whole {\n  return n * n;\n}',
  "// %% id=digest tags=extract:src/verifier/digest.ts\nexport const digest = (n: Whole) =>\n  createHash('sha256').update(String(square(n))).digest('hex');",
  '// %% id=show\nconsole.log(typeof readFileSync);\nsquare(12)',
] as const;

describe('running notebooks', () => {
  it('writes what each cell prints and shows, and the same bytes again', async () => {
    const path = notebook(
      'a',
      '// %% [markdown] id=title\n// # A',
      '// %% id=print\nconst three: number = 3;\nconsole.log("seed", process.env["CAIO_NOTEBOOK_SEED"]);\nconsole.error("aside");\nvoid three',
      '// %% id=show\nawait Promise.resolve({ three })',
    );
    const first = await run();
    expect(first).toMatchObject({
      code: 0,
      said: expect.stringContaining('1 of 1 run, 2 code cells, seed 42: green'),
    });
    expect(storedCell(path, 'print')).toMatchObject({
      execution_count: 1,
      outputs: [
        { output_type: 'stream', name: 'stdout', text: ['seed 42\n'] },
        { output_type: 'stream', name: 'stderr', text: ['aside\n'] },
      ],
    });
    expect(storedCell(path, 'show')).toMatchObject({
      execution_count: 2,
      outputs: [
        { output_type: 'execute_result', execution_count: 2, data: { 'text/plain': ['{ three: 3 }'] } },
      ],
    });
    const bytes = get(path);
    expect((await run()).code).toBe(0);
    expect(get(path)).toBe(bytes);
  });

  it('accepts the stored example as it is, byte for byte', async () => {
    const example = readFileSync(join(project, 'tests/fixtures/notebooks/square.ipynb'), 'utf8');
    put('notebooks/math/square.ipynb', example);
    expect(await checkRun()).toMatchObject({ code: 0 });
    expect(await run()).toMatchObject({ code: 0 });
    expect(get('notebooks/math/square.ipynb')).toBe(example);
  });

  it('is red at the cell and line of a type error, under the strict options', async () => {
    notebook(
      'a',
      '// %% id=first\nconst list = [1];\n\nexport const one: number = list[0];',
      '// %% id=second\ninterface Box { label?: string }\nexport const box: Box = { label: undefined };',
    );
    const { code, said } = await run();
    expect(code).toBe(1);
    expect(said).toContain('notebooks/math/a.ipynb cell first (#1) line 3: TS2322');
    expect(said).toContain('notebooks/math/a.ipynb cell second (#2) line 2: TS2375');
    expect(said).toContain('0 of 1 run');
  });

  it('is red at the cell and line that threw, and leaves the notebook as it was', async () => {
    const path = notebook(
      'a',
      '// %% id=define\ninterface Unused {\n  readonly a: 1;\n}\nconst root = (n: number): number => {\n  if (n < 0)\n    throw new RangeError("no root of " + n);\n  return Math.sqrt(n);\n};',
      '// %% id=use\nconsole.log(root(4));\n\nroot(-1);',
    );
    const before = get(path);
    const { code, said } = await run();
    expect(code).toBe(1);
    expect(said).toContain('cell define (#1) line 6: RangeError: no root of -1');
    expect(said).toContain('at cell use (#2) line 3');
    expect(get(path)).toBe(before);
  });

  it.each([
    [
      'a timer throws after the last cell',
      'setTimeout(() => {\n  throw new Error("late");\n}, 1)',
      'line 2: Error: late',
    ],
    [
      'a promise is rejected and dropped',
      'void Promise.reject(new Error("dropped"))',
      'line 1: Error: dropped',
    ],
    ['a cell ends the process', 'process.exit(0)', 'ended the process before their end'],
    ['a cell waits for what never comes', 'await new Promise(() => {})', 'awaits what never settles'],
    ['something else than an error is thrown', 'throw { reason: "odd" }', "thrown: { reason: 'odd' }"],
  ])('is red when %s', async (_, source, said) => {
    notebook('a', `// %% id=only\n${source}`);
    const result = await run();
    expect(result).toMatchObject({ code: 1, said: expect.stringContaining(said) });
    expect(result.said).toContain('cell only (#1)');
  });

  it('ends a notebook that does not end', async () => {
    notebook('a', '// %% id=spin\nfor (;;);');
    expect(await run({ timeoutSeconds: 1 })).toMatchObject({
      code: 1,
      said: expect.stringContaining('did not end within 1 s'),
    });
  });

  it('is red when a cell does not parse on its own, though the whole would', async () => {
    notebook('a', '// %% id=opens\nfunction f() {', '// %% id=closes\n}');
    const { code, said } = await run();
    expect(code).toBe(1);
    expect(said).toContain('cell opens (#1) line 1: TS1005');
    expect(said).toContain('cell closes (#2) line 1: TS1128');
  });

  it('is red when two cells declare a name, and names both', async () => {
    notebook(
      'a',
      "// %% id=first\nimport { join } from 'node:path';\nconst { a, b: [c] } = { a: 1, b: [2] };",
      '// %% id=second\nfunction join() {}\ntype c = 1;\nclass a {}',
    );
    const { code, said } = await run();
    expect(code).toBe(1);
    expect(said).toContain('cell second (#2) line 1: "join" is already declared in cell first (#1) line 1');
    expect(said).toContain('cell second (#2) line 2: "c" is already declared in cell first (#1) line 2');
    expect(said).toContain('cell second (#2) line 3: "a" is already declared in cell first (#1) line 2');
  });

  it('accepts overloads, and a type beside its value, within a cell', async () => {
    notebook(
      'a',
      '// %% id=only\ntype Unit = 1;\nconst Unit = 1;\nfunction id(n: Unit): Unit;\nfunction id(n: string): string;\nfunction id(n: Unit | string) {\n  return n;\n}\nid(Unit)',
    );
    expect(await run()).toMatchObject({ code: 0 });
  });

  it.each([
    [
      "import { a } from '../../src/kernel/a.ts'",
      'imports src/kernel/a.ts: only *_implementation_verification.ipynb',
    ],
    ["import { a } from '../../src/contracts/a.ts'", 'imports src/contracts/a.ts: only'],
    ["export * from '../../src/kernel/a.ts'", 'imports src/kernel/a.ts: only'],
    ["type A = import('../../src/kernel/a.ts').A", 'imports src/kernel/a.ts: only'],
    ["await import('../../src/kernel/a.ts')", 'imports src/kernel/a.ts: only'],
    ["import a from '../../tests/a.ts'", 'leads outside src'],
    ["await import(['node', 'fs'].join(':'))", 'must be a plain string'],
    ["import fs from 'fs'", 'write "node:fs"'],
    ["import { createRequire } from 'node:module'", 'past these rules'],
    ["import a from 'npm:left-pad'", 'is neither a package, nor node:'],
    ["import { caio } from 'caio/sdk'", 'is src by another name'],
    ["import { square } from '../../src/verifier/square.js'", "must be the file's own name"],
  ])('is red when a cell says %s', async (source, said) => {
    notebook('a', `// %% id=imports\n\n${source};`);
    put('src/kernel/a.ts', 'export const a = 1; export type A = 1;');
    put('src/contracts/a.ts', 'export const a = 1;');
    const result = await run();
    expect(result.code).toBe(1);
    expect(result.said).toContain('cell imports (#1) line 2:');
    expect(result.said).toContain(said);
  });

  it('lets a cell import the types of src/contracts, and an implementation verification all of src', async () => {
    put('src/contracts/a.ts', 'export interface A { readonly a: number }');
    put('src/kernel/b.ts', "import { c } from './c.js';\nexport const b: number = c;");
    put('src/kernel/c.ts', 'export const c = 5;');
    notebook('a', "// %% id=x\nimport type { A } from '../../src/contracts/a.ts';\n({ a: 1 }) satisfies A");
    const path = notebook(
      'b_implementation_verification',
      "// %% id=x\nimport { b } from '../../src/kernel/b.ts';\nb",
    );
    expect(await run()).toMatchObject({ code: 0 });
    expect(storedCell(path, 'x').outputs).toMatchObject([{ data: { 'text/plain': ['5'] } }]);
  });

  it('takes modules of other notebooks from the notebook, not from disk', async () => {
    notebook('square', ...SQUARE);
    const path = notebook(
      'use',
      "// %% id=use\nimport { square, type Whole } from '../../src/verifier/square.ts';\nconst n: Whole = 3;\nsquare(n)",
    );
    put('src/verifier/square.ts', 'export type Whole = string;\nexport const square = () => "stale";');
    expect(await run()).toMatchObject({ code: 0, said: expect.stringContaining('2 of 2 run') });
    expect(storedCell(path, 'use').outputs).toMatchObject([{ data: { 'text/plain': ['9'] } }]);
  });

  it('is red when a needed notebook is, and when notebooks need each other', async () => {
    const square = "import { square } from '../../src/verifier/square.ts';";
    notebook('square', ...SQUARE, '// %% id=broken\nconst square = 1;');
    const needing = notebook('use', `// %% id=use\n${square}\nsquare(2)`);
    expect((await run({}, needing)).said).toContain(
      'square.ipynb cell broken (#5) line 1: "square" is already declared',
    );
    const twice = '// %% id=twice tags=extract\nexport const twice = (n: number) => square(n) + square(n);';
    notebook('use', '// %% [notebook] module=src/verifier/use.ts', `// %% id=use\n${square}`, twice);
    notebook(
      'square',
      ...SQUARE,
      "// %% id=back\nimport { twice } from '../../src/verifier/use.ts';\ntwice(1)",
    );
    expect(await run()).toMatchObject({
      code: 1,
      said: expect.stringContaining('notebooks import each other: '),
    });
  });

  it('is red when stored outputs differ from what a run gives, and writes nothing', async () => {
    const path = notebook('a', '// %% id=one\n1 + 1', '// %% id=two\nconsole.log("a\\nb")');
    expect((await run()).code).toBe(0);
    expect(await checkRun()).toMatchObject({
      code: 0,
      said: expect.stringContaining('1 of 1 run, 2 code cells'),
    });
    const edited = get(path).replace('"b\\n"', '"c\\n"');
    put(path, edited);
    const { code, said } = await checkRun();
    expect(code).toBe(1);
    expect(said).toContain('cell two (#2) line 1: output differs');
    expect(said).toContain('stored "c", now "b"');
    expect(get(path)).toBe(edited);
  });

  it('is red when an output does not come out the same twice', async () => {
    notebook('a', '// %% id=dice\nprocess.hrtime.bigint()');
    expect((await run()).code).toBe(0);
    expect(await checkRun()).toMatchObject({ code: 1, said: expect.stringContaining('cell dice (#1)') });
  });

  it('keeps artifacts in configs/generated, and is red when one differs or is written twice', async () => {
    const cells = [
      "// %% id=fs\nimport { writeFileSync } from 'node:fs';",
      "// %% id=write\nconst { CAIO_NOTEBOOK_ARTIFACTS: folder, CAIO_NOTEBOOK_DIGEST: digest } = process.env;\nwriteFileSync(folder + '/a.json', digest + '\\n');",
    ];
    notebook('a', ...cells);
    expect((await run()).code).toBe(0);
    expect(get('configs/generated/a.json')).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect((await checkRun()).code).toBe(0);
    put('configs/generated/a.json', 'by hand\n');
    expect(await checkRun()).toMatchObject({
      code: 1,
      said: expect.stringContaining('configs/generated/a.json differs'),
    });
    expect(get('configs/generated/a.json')).toBe('by hand\n');
    notebook('b', ...cells);
    expect((await run()).said).toContain('configs/generated/a.json is written by notebooks/math/a.ipynb too');
  });

  it.each([
    ['no notebook', () => run(), 'nothing to run'],
    ['a missing notebook', () => run({}, 'gone.ipynb'), 'there is no such notebook'],
    [
      'a notebook without code',
      () => run({}, notebook('a', '// %% [markdown]\n// words')),
      'has no code cells',
    ],
    ['another format', () => run({}, raw('{"nbformat":4,"nbformat_minor":2}')), 'expected 4.5'],
    ['no JSON', () => run({}, raw('{')), 'is not JSON'],
    [
      'a draft',
      () => run({}, notebook('a', '// %% [notebook] meta={}\n// %%\n1')),
      'metadata.ci.ready is not true',
    ],
  ])('is red on %s', async (_, attempt, said) => {
    expect(await attempt()).toMatchObject({ code: 1, said: expect.stringContaining(said) });
  });

  const raw = (text: string) => {
    put('notebooks/raw.ipynb', text);
    return 'notebooks/raw.ipynb';
  };
});

describe('the commands', () => {
  it('exit 0 when green and 1 when red, and find notebooks from the working directory', () => {
    put('a.nb.ts', '// %% id=tagged tags=extract:src/verifier/a.ts\nexport const a = 1;\n');
    mkdirSync(join(root, 'notebooks'));
    expect(command('pack', 'a.nb.ts', 'notebooks/a.ipynb')).toMatchObject({ code: 0 });
    expect(command('run', '--root', '.', 'notebooks/a.ipynb')).toEqual({
      code: 0,
      said: 'notebooks: 1 of 1 run, 1 code cells, seed 42: green\n',
    });
    expect(command('extract', '--root', '.', '--check')).toMatchObject({ code: 1 });
    expect(command('extract', '--root', '.')).toMatchObject({ code: 0 });
    expect(command('extract', '--root', '.', '--check')).toEqual({
      code: 0,
      said: 'extraction: 1 modules compared from 1 notebooks: green\n',
    });
    expect(command('unpack', 'notebooks/a.ipynb').said).toContain(get('a.nb.ts'));
    put('a.nb.ts', '// %% id=tagged\nconst a: string = 1;\n');
    expect(command('pack', 'a.nb.ts', 'notebooks/a.ipynb')).toMatchObject({ code: 0 });
    expect(command('run', '--root', '.', '--check')).toMatchObject({
      code: 1,
      said: expect.stringContaining('notebooks/a.ipynb cell tagged (#1) line 1: TS2322'),
    });
    put('a.nb.ts', 'no cell\n');
    expect(command('pack', 'a.nb.ts', 'notebooks/a.ipynb')).toMatchObject({ code: 1 });
    expect(command('pack')).toMatchObject({ code: 2 });
  }, 120_000);
});

describe('extracting modules', () => {
  it('writes the tagged cells word for word, with the imports that each module needs', () => {
    notebook('square', ...SQUARE);
    expect(extract()).toMatchObject({ code: 0, said: expect.stringContaining('2 modules written') });
    const header =
      '// Generated from notebooks/math/square.ipynb by scripts/notebooks/extract. Do not edit.\n';
    const [square = '', digest = ''] = ['square', 'digest'].map((name) => get(`src/verifier/${name}.ts`));
    expect(square.startsWith(header)).toBe(true);
    expect(
      square.endsWith(
        '\n\nexport type Whole = number;\nexport function square(n: Whole): Whole {\n  return n * n;\n}\n',
      ),
    ).toBe(true);
    expect(square).not.toContain('import ');
    expect(digest).toContain(
      "import { createHash } from 'node:crypto';\nimport type { Whole } from './square.js';\nimport { square } from './square.js';\n",
    );
    expect(digest).not.toContain('readFileSync');
    expect(checkExtract()).toMatchObject({
      code: 0,
      said: expect.stringContaining('2 modules compared'),
    });
  });

  it('names modules of other notebooks as files beside it', () => {
    notebook('square', ...SQUARE);
    notebook(
      'sum',
      '// %% [notebook] module=src/verifier/deep/sum.ts',
      "// %% id=sum tags=extract\n// The sum of squares.\nimport { square } from '../../src/verifier/square.ts';\nexport { square as again } from '../../src/verifier/square.ts';\nexport const sum = (a: number, b: number) => square(a) + square(b);",
    );
    expect(extract()).toMatchObject({ code: 0 });
    const sum = get('src/verifier/deep/sum.ts');
    expect(sum).toContain("import { square } from '../square.js';\n");
    expect(sum).toContain("export { square as again } from '../square.js';\n");
    expect(sum).not.toContain('src/verifier');
  });

  it('is red when a file differs, is missing, or has lost its notebook', () => {
    notebook('square', ...SQUARE);
    expect(checkExtract().said).toContain('src/verifier/square.ts: is missing');
    extract();
    const text = get('src/verifier/square.ts');
    put('src/verifier/square.ts', text.replace('n * n', 'n + n'));
    const edited = checkExtract();
    expect(edited.code).toBe(1);
    expect(edited.said).toContain('src/verifier/square.ts: differs from notebooks/math/square.ipynb');
    expect(edited.said).toContain('stored "  return n + n;", now "  return n * n;"');
    put('src/verifier/square.ts', text);
    put(
      'src/verifier/left.ts',
      '// Generated from notebooks/math/left.ipynb by scripts/notebooks/extract. Do not edit.\n',
    );
    const orphaned = checkExtract();
    expect(orphaned).toMatchObject({
      code: 1,
      said: expect.stringContaining('src/verifier/left.ts: is marked'),
    });
  });

  it('is red when the notebook changed and the file did not', () => {
    notebook('square', ...SQUARE);
    extract();
    notebook('square', ...SQUARE.map((cell) => cell.replace('n * n', 'n ** 2')));
    expect(checkExtract()).toMatchObject({
      code: 1,
      said: expect.stringContaining('now "  return n ** 2;"'),
    });
  });

  const tagged = (source: string, tag = 'extract:src/verifier/b.ts') =>
    `// %% id=tagged tags=${tag}\n${source}`;
  it.each([
    [
      'does more than declare',
      tagged('export const a = 1;\nconsole.log(a);'),
      'line 2: an extracted cell holds declarations only',
    ],
    [
      'uses a name that stays behind',
      tagged('export const a = () => untagged;'),
      'uses "untagged" of cell plain (#1), which is not extracted',
    ],
    [
      'uses what a module keeps to itself',
      tagged('export const a = () => kept;'),
      'uses "kept" of src/verifier/a.ts (cell other), which does not export it',
    ],
    ['exports nothing', tagged('const a = 1;'), 'src/verifier/b.ts would export nothing'],
    [
      'goes elsewhere',
      tagged('export const a = 1;', 'extract:src/kernel/b.ts'),
      '"src/kernel/b.ts" is not a module path',
    ],
    ['climbs', tagged('export const a = 1;', 'extract:src/verifier/../b.ts'), 'is not a module path'],
    ['has no module', tagged('export const a = 1;', 'extract'), 'has no metadata.caio.module'],
    [
      'goes two ways',
      tagged('export const a = 1;', 'extract:src/verifier/b.ts,extract:src/verifier/c.ts'),
      'has 2 extract tags',
    ],
    ['makes a circle', tagged('export const a = () => given();\n'), 'modules import each other'],
    [
      'declares what nothing uses',
      tagged('const spare = 1;\nexport const a = 1;'),
      "src/verifier/b.ts:5: TS6133 'spare'",
    ],
    [
      'imports its own module',
      tagged("import { a as self } from '../../src/verifier/b.ts';\nexport const a = () => self;"),
      'src/verifier/b.ts is extracted from this notebook',
    ],
    ['does not type-check alone', tagged('export const a: string = 1;'), 'src/verifier/b.ts:5: TS2322'],
  ])('is red when an extracted cell %s', (_, cell, said) => {
    const other = cell.includes('given')
      ? 'export const given = (): number => a();'
      : 'export const given = () => kept;';
    notebook(
      'a',
      '// %% id=plain\nconst untagged = 1;\nvoid untagged;',
      `// %% id=other tags=extract:src/verifier/a.ts\nconst kept = 1;\n${other}`,
      cell,
    );
    const { code, said: all } = extract();
    expect(all).toContain(said);
    expect(code).toBe(1);
    expect(all).toContain('0 modules written');
  });

  it('is red when two notebooks claim a module, and when nothing is extracted', () => {
    notebook('one', '// %%\n1');
    expect(checkExtract()).toMatchObject({
      code: 1,
      said: expect.stringContaining('nothing to compare'),
    });
    notebook('square', ...SQUARE);
    notebook('square2', ...SQUARE);
    expect(extract().said).toContain('src/verifier/square.ts already comes from notebooks/math/square.ipynb');
  });
});
