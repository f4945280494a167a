import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../support/caio-command.js';
import { type Act, actsOf, blocksOf } from './guide-blocks.js';
import { followGuide } from './guide-reader.js';

const timeout = 240_000;
const read = (path: string): string => readFileSync(join(projectFolder, path), 'utf8');
const guides = readdirSync(join(projectFolder, 'docs/guides'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, acts: actsOf(read(`docs/guides/${name}`)) }));

describe('the guides', () => {
  it('are all tried but the one that only lists codes', () => {
    const tried = guides.filter(({ acts }) => acts.length > 0).map(({ name }) => name);
    expect(tried).toEqual([
      'approve-changes.md',
      'audit-the-log.md',
      'history.md',
      'openai-client.md',
      'read-the-log.md',
      'register-a-service.md',
      'verify-a-decision.md',
      'what-if.md',
      'write-a-policy.md',
    ]);
    expect(guides.length).toBe(tried.length + 1);
  });

  it.each(guides)('$name does what it says', { timeout }, async ({ acts }) => {
    expect(await followGuide(acts)).toBeUndefined();
  });
});

/** The commands of a readme, one a line. What installs and builds has run before any test does. */
function commandsOf(path: string): readonly string[] {
  return blocksOf(read(path))
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, ''))
    .filter((line) => line !== '');
}

const isNpm = (line: string): boolean => /^npm /.test(line);

describe('the readmes', () => {
  it.each(['README.md', 'configs/services/README.md'])('%s: its commands run', { timeout }, async (path) => {
    const inTables = [...read(path).matchAll(/`(npx caio [^`…]+)`/g)].map(([, line]) => line as string);
    const commands = [...commandsOf(path).filter((line) => !isNpm(line)), ...inTables];
    expect(commands.length).toBeGreaterThan(0);
    const acts = commands.map((command, at): Act => {
      const serves = /\bcaio serve\b/.test(command);
      return {
        kind: serves ? 'start' : 'run',
        line: at + 1,
        command,
        shows: serves ? ['CAIO is at …'] : [],
      };
    });
    expect(await followGuide(acts)).toBeUndefined();
  });

  it('README.md names only scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: object };
    const named = [...read('README.md').matchAll(/npm (?:run )?([a-z:]+)/g)].map(([, script]) => script);
    expect(named.length).toBeGreaterThan(3);
    for (const script of named) expect([...Object.keys(scripts), 'ci']).toContain(script);
  });
});
