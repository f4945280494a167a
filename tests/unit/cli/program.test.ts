import type { Command } from 'commander';
import { expect, test } from 'vitest';
import type { CommandIo } from '../../../src/cli/io.js';
import { createProgram } from '../../../src/cli/program.js';

const silent: CommandIo = { out: () => {}, err: () => {}, env: {}, now: () => 0, color: false };

function leavesOf(command: Command, path: string): readonly (readonly [string, Command])[] {
  if (command.commands.length === 0) return [[path, command]];
  return command.commands.flatMap((child) => leavesOf(child, `${path} ${child.name()}`));
}

const leaves = leavesOf(
  createProgram(silent, () => {}),
  'caio',
);

test('there are commands to look at', () => {
  expect(leaves.length).toBeGreaterThan(12);
});

test.each(leaves)('%s takes --json, says what it does, and explains each option', (_, command) => {
  expect(command.options.map(({ long }) => long)).toContain('--json');
  expect(command.description()).toMatch(/\.$/);
  for (const option of command.options) expect(option.description).not.toBe('');
});
