import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readText, writeText } from '../../../src/cli/files.js';
import { scratchFolder } from '../../support/caio-command.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch.dispose());

describe('files of the command line', () => {
  it('are written with the mode asked for, and nothing is left beside them', async () => {
    await writeText(scratch.path('keys/signing.key'), 'secret\n', 0o600);
    expect((await stat(scratch.path('keys/signing.key'))).mode & 0o777).toBe(0o600);
    expect(await readFile(scratch.path('keys/signing.key'), 'utf8')).toBe('secret\n');
    expect(await readdir(scratch.path('keys'))).toEqual(['signing.key']);
  });

  it('leave nothing of a secret behind where they cannot be written', async () => {
    await mkdir(scratch.path('taken/target'), { recursive: true });
    await expect(writeText(scratch.path('taken/target'), 'secret', 0o600)).rejects.toThrow(
      /could not be written/,
    );
    expect(await readdir(scratch.path('taken'))).toEqual(['target']);
  });

  it('go beside their target under a name that nobody can foretell', async () => {
    const foretold = scratch.path(`.open.key.${process.pid}.new`);
    await writeFile(foretold, '', { mode: 0o644 });
    await writeText(scratch.path('open.key'), 'secret', 0o600);
    expect((await stat(scratch.path('open.key'))).mode & 0o777).toBe(0o600);
    expect(await readFile(foretold, 'utf8')).toBe('');
  });

  it('are UTF-8: other bytes are refused, not replaced', async () => {
    await writeFile(scratch.path('latin1.yaml'), Buffer.from('description: caf\xe9\n', 'latin1'));
    await expect(readText(scratch.path('latin1.yaml'), 'Contract')).rejects.toThrow(/is not UTF-8 text/);
  });
});
