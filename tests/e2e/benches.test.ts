import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: { readonly [name: string]: string };
};

/** Each bench at its smallest, and what it prints when it has measured something. What it measures is of no account here. */
const benches = {
  'bench:decide': { options: ['--quick'], prints: /decide .*p50/ },
  'bench:log': { options: ['--quick'], prints: /memory +1000 +\d/ },
  'bench:audit': { options: ['--decisions', '200'], prints: /200 decisions, \d+ entries: .*entries\/s/ },
  'bench:start': { options: ['--quick'], prints: /0 entries behind +\d+ ms/ },
  'bench:throughput': { options: ['--quick'], prints: /256 connections: .*durable [\d.]+ % of empty/ },
  'bench:gateway': { options: ['--quick'], prints: /256 connections: .*% of the proxy/ },
  'bench:replay': { options: ['--decisions', '200'], prints: /200 decisions, \d+ changed.* a second/ },
} as const;

it('are all listed here', () => {
  const named = Object.keys(scripts).filter((name) => name.startsWith('bench:'));
  expect(named.sort()).toEqual(Object.keys(benches).sort());
});

it.each(Object.entries(benches))('%s runs to its end', async (name, { options, prints }) => {
  // The build that some begin with would pull the compiled modules from under the tests beside this one.
  const command = (scripts[name] as string).replace(/^npm run build --silent && /, '');
  const [program = '', ...given] = command.split(' ');
  const child = spawn(join(root, 'node_modules', '.bin', program), [...given, ...options], { cwd: root });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const [code] = await once(child, 'close');
  expect(code, said).toBe(0);
  expect(said).toMatch(prints);
});
