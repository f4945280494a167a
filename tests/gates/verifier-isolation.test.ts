import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build, type Plugin } from 'esbuild';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const verifierFolder = join(root, 'src', 'verifier');
const allowedPackages = ['@marcbachmann/cel-js'];

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** Every module a text names: imports, re-exports, import() and require(). */
function importsOf(text: string): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const named = clause?.namedBindings;
      const everyNameIsType =
        named !== undefined &&
        ts.isNamedImports(named) &&
        named.elements.every(({ isTypeOnly }) => isTypeOnly);
      const typeOnly = clause?.isTypeOnly === true || (clause?.name === undefined && everyNameIsType);
      found.push({ specifier: (node.moduleSpecifier as ts.StringLiteral).text, typeOnly });
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      found.push({ specifier: (node.moduleSpecifier as ts.StringLiteral).text, typeOnly: node.isTypeOnly });
    } else if (ts.isCallExpression(node)) {
      const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
      const [argument] = node.arguments;
      if (isImport || isRequire) {
        const specifier =
          argument !== undefined && ts.isStringLiteral(argument) ? argument.text : '(computed)';
        found.push({ specifier, typeOnly: false });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('m.ts', text, ts.ScriptTarget.Latest, true));
  return found;
}

/** What a module of the verifier may not import, and why. */
function objections(text: string): string[] {
  return importsOf(text).flatMap(({ specifier, typeOnly }) => {
    if (/^\.\/[a-z0-9-]+\.js$/.test(specifier)) return [];
    if (/^\.\.\/contracts\/[a-z0-9-]+\.js$/.test(specifier))
      return typeOnly ? [] : [`${specifier} at run time`];
    if (allowedPackages.includes(specifier)) return [];
    return [`${specifier} at all`];
  });
}

interface Bundled {
  readonly text: string;
  /** Every module that went in, from the root. */
  readonly inputs: readonly string[];
  readonly leftOutside: readonly string[];
}

async function bundle(entry: string, plugins: Plugin[] = []): Promise<Bundled> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    metafile: true,
    logLevel: 'silent',
    absWorkingDir: root,
    plugins,
  });
  const [output] = Object.values(result.metafile.outputs);
  return {
    text: result.outputFiles[0]?.text ?? '',
    inputs: Object.keys(result.metafile.inputs),
    leftOutside: output?.imports.map(({ path }) => path) ?? [],
  };
}

describe('the verifier stands alone', () => {
  const files = readdirSync(verifierFolder).filter((name) => name.endsWith('.ts'));
  let scratch = '';
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'caio-isolation-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('has modules to look at', () => {
    console.log(`verifier isolation: ${files.length} modules`);
    expect(files.length).toBeGreaterThan(15);
    expect(files).toContain('index.ts');
  });

  it.each(files)('%s is extracted, and imports only its siblings, types, and the CEL parser', (file) => {
    const text = readFileSync(join(verifierFolder, file), 'utf8');
    expect(text).toMatch(/^\/\/ Generated from notebooks\/math\/[a-z0-9_]+\.ipynb /);
    expect(objections(text)).toEqual([]);
  });

  it('bundles for a browser, out of itself and the CEL parser alone', async () => {
    const { text, inputs, leftOutside } = await bundle(join(verifierFolder, 'index.ts'));
    const ours = inputs.filter((path) => !path.startsWith('node_modules/'));
    const packages = inputs.filter((path) => path.startsWith('node_modules/'));
    expect(ours.every((path) => path.startsWith('src/verifier/'))).toBe(true);
    expect(packages.every((path) => path.startsWith('node_modules/@marcbachmann/cel-js/'))).toBe(true);
    expect(ours.length).toBeGreaterThan(15);
    expect(packages.length).toBeGreaterThan(0);
    expect(leftOutside).toEqual([]);
    expect(/["']node:|\brequire\(/.test(text)).toBe(false);
  });

  it('verifies in a world with no Node in it', async () => {
    const { text } = await bundle(join(verifierFolder, 'index.ts'));
    // The bundle runs as a script that gives what it exports, with the globals of a browser and no others.
    const script = `(() => { ${text.replace(/export \{([^}]*)\};?\s*$/, 'return {$1};')} })()`;
    const browserGlobals = { crypto: globalThis.crypto, TextEncoder, TextDecoder, Uint8Array, console };
    const exported = runInContext(script, createContext(browserGlobals)) as {
      verify(input: string, options: { key: string }): Promise<{ holds: boolean; levels: unknown[] }>;
    };
    const report = await exported.verify('{}', { key: '' });
    expect(report.holds).toBe(false);
    expect(report.levels).toHaveLength(1);
  });

  it.each([
    ["import { canonicalText } from '../kernel/canonical.js';", ['../kernel/canonical.js at all']],
    ["import { steps } from '../contracts/certificate.js';", ['../contracts/certificate.js at run time']],
    ["import { createHash } from 'node:crypto';", ['node:crypto at all']],
    ["export * from '../rules/evaluate.js';", ['../rules/evaluate.js at all']],
    ["const parse = await import('@bufbuild/cel');", ['@bufbuild/cel at all']],
    [
      "import { type Step, steps } from '../contracts/certificate.js';",
      ['../contracts/certificate.js at run time'],
    ],
    ["import type { Contract } from '../contracts/contract.js';", []],
  ])('sees %s', (text, expected) => expect(objections(text)).toEqual(expected));

  it('goes red for a planted import of Node or of the engine', async () => {
    const usesNode = join(scratch, 'node.ts');
    writeFileSync(usesNode, "import { createHash } from 'node:crypto';\nexport const h = createHash;\n");
    await expect(bundle(usesNode)).rejects.toThrow(/node:crypto/);
    const usesEngine = join(scratch, 'engine.ts');
    writeFileSync(usesEngine, `export { canonicalText } from '${join(root, 'src/kernel/canonical.js')}';\n`);
    const { inputs } = await bundle(usesEngine);
    expect(inputs.map((path) => relative('.', path)).some((path) => path.startsWith('src/kernel/'))).toBe(
      true,
    );
  });
});
