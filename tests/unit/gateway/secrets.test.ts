import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secretsFrom } from '../../../src/gateway/secrets.js';

let root = '';
let folder = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'caio-secrets-'));
  folder = mkdtempSync(join(root, 'allowed-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const scope = () => ({
  environment: { UPSTREAM_KEY: 'abc-123', CAIO_SIGNING_KEY: 'own', EMPTY: '' },
  folders: [folder],
});

describe('a secret reference', () => {
  it('names a variable', async () => {
    await expect(secretsFrom(scope()).resolve('env:UPSTREAM_KEY')).resolves.toBe('abc-123');
  });

  it('names a file in an allowed folder, whose last line end is dropped', async () => {
    writeFileSync(join(folder, 'key'), 'abc-456\r\n');
    await expect(secretsFrom(scope()).resolve(`file:${join(folder, 'key')}`)).resolves.toBe('abc-456');
  });

  it.each([
    ['a variable that is not set', 'env:NOBODY', /is not set/],
    ['an empty variable', 'env:EMPTY', /is not set/],
    ['an inherited member', 'env:constructor', /is not set/],
    ['a key of CAIO itself', 'env:CAIO_SIGNING_KEY', /one of CAIO itself/],
    ['a secret in place of a reference', 'sk-live-hush', /neither env:NAME nor file:PATH/],
    ['a file that is not there', 'file:/nowhere/at/all', /cannot be read/],
  ])('to %s is refused', async (_, reference, message) => {
    const attempt = secretsFrom(scope()).resolve(reference);
    await expect(attempt).rejects.toMatchObject({ code: 'secret_unavailable', message });
    await expect(attempt).rejects.not.toThrow(/hush|own\b/);
  });

  it('to a file outside the folders is refused, also through a link or a path that climbs out', async () => {
    writeFileSync(join(root, 'outside'), 'hush');
    symlinkSync(join(root, 'outside'), join(folder, 'link'));
    for (const path of [join(root, 'outside'), join(folder, 'link'), `${folder}/../outside`]) {
      await expect(secretsFrom(scope()).resolve(`file:${path}`)).rejects.toThrow(/outside the folders/);
    }
  });

  it('to a file that is too long or holds more than visible ASCII is refused', async () => {
    writeFileSync(join(folder, 'long'), 'x'.repeat(8193));
    writeFileSync(join(folder, 'lines'), 'one\ntwo');
    await expect(secretsFrom(scope()).resolve(`file:${join(folder, 'long')}`)).rejects.toThrow(/longer than/);
    await expect(secretsFrom(scope()).resolve(`file:${join(folder, 'lines')}`)).rejects.toThrow(/no header/);
  });
});
