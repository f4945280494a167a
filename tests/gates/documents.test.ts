import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './workshop.js';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
}

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
}

const read = (name: string) => readFileSync(join(root, name), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const locked = (
  JSON.parse(read('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> }
).packages;
const document = read('docs/dependencies.md');

/** The rows of the table under a heading, as cells. */
function tableUnder(heading: string): string[][] {
  const section = document.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

describe('docs/dependencies.md', () => {
  it.each([
    ['Runtime', manifest.dependencies],
    ['Development', manifest.devDependencies],
  ] as const)(
    'lists under %s what package.json has, with version, licence and reason',
    (heading, declared) => {
      const expected = Object.entries(declared).map(([name, version]) => [
        name,
        version,
        locked[`node_modules/${name}`]?.license?.replace(/^\((.*)\)$/, '$1'),
      ]);
      const rows = tableUnder(heading);
      expect(rows.map((row) => row.slice(0, 3))).toEqual(expected);
      expect(rows.filter((row) => (row[5] ?? '').length < 4)).toEqual([]);
      expect(expected.length).toBeGreaterThan(5);
    },
  );

  it('lists the overrides', () => {
    const rows = tableUnder('Overrides').map(([name, version]) => [name, version]);
    expect(rows).toEqual(Object.entries(manifest.overrides));
    for (const [name, version] of rows) expect(locked[`node_modules/${name}`]?.version).toBe(version);
  });
});

describe('the lock file', () => {
  const packages = Object.entries(locked).filter(([path]) => path !== '');

  it('names no place that packages come from', () => {
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  it('holds no runtime package that needs an install script or has a licence that asks for more than notice', () => {
    const runtime = packages.filter(([, { dev, devOptional }]) => !dev && !devOptional);
    expect(runtime.length).toBeGreaterThan(50);
    // These declare one and do not need it: their binaries come inside platform packages (docs/dependencies.md).
    const declaring = runtime.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
    expect(declaring).toEqual(['node_modules/lmdb', 'node_modules/msgpackr-extract']);
    const permissive = /^\(?(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0)\b/;
    expect(
      runtime.filter(([, { license }]) => !permissive.test(license ?? '')).map(([path]) => path),
    ).toEqual([]);
  });

  it('pins what package.json names to the very version', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
      expect(locked[`node_modules/${name}`]?.version, name).toBe(version);
    }
  });
});

describe('docs/adr/README.md', () => {
  it('lists every record by its title', () => {
    const records = readdirSync(join(root, 'docs/adr')).filter((name) => name.startsWith('ADR-'));
    const titles = records.map((name) => {
      const title = /^# (.+)$/m.exec(read(`docs/adr/${name}`))?.[1] ?? '';
      return `[${title}](${name})`;
    });
    expect(
      [...read('docs/adr/README.md').matchAll(/^\| (\[ADR-.+?\)) \|/gm)].map(([, link]) => link),
    ).toEqual(titles);
    expect(titles.length).toBeGreaterThan(1);
  });
});
