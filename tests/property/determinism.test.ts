import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { seed } from '../support/seed.js';

const program = fileURLToPath(new URL('./print-decisions.ts', import.meta.url));
const count = 100;

function decisionsUnder(
  environment: Readonly<Record<string, string>>,
  ...flags: string[]
): readonly string[] {
  const output = execFileSync(
    process.execPath,
    [...flags, '--import', 'tsx', program, String(seed), String(count)],
    {
      env: { PATH: process.env.PATH, ...environment },
      encoding: 'utf8',
    },
  );
  return output.trim().split('\n');
}

test('INV-CAIO-0001: processes of other time zones, locales and engine settings make the same certificates', () => {
  const plain = decisionsUnder({ TZ: 'UTC', LANG: 'C', LC_ALL: 'C' });
  expect(plain).toHaveLength(count);
  expect(new Set(plain).size).toBeGreaterThan(count / 2);
  expect(decisionsUnder({ TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })).toEqual(
    plain,
  );
  expect(decisionsUnder({ TZ: 'America/St_Johns', LANG: 'ja_JP.UTF-8' }, '--no-opt')).toEqual(plain);
});
