import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secretsFrom } from '../../../src/gateway/secrets.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'caio-secrets-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const url = 'https://api.example/v1/chat';
const granted = ['https://api.example'];
const environment = { UPSTREAM_KEY: 'abc-123', CAIO_SIGNING_KEY: 'own', EMPTY: '' };
const secretsGranting = (...references: readonly string[]) =>
  secretsFrom({ environment, grants: new Map(references.map((reference) => [reference, granted])) });

describe('a secret reference', () => {
  it('names a variable', async () => {
    await expect(secretsGranting('env:UPSTREAM_KEY').resolve('env:UPSTREAM_KEY', url)).resolves.toBe(
      'abc-123',
    );
  });

  it('names a file, whose last line end is dropped', async () => {
    writeFileSync(join(folder, 'key'), 'abc-456\r\n');
    const reference = `file:${join(folder, 'key')}`;
    await expect(secretsGranting(reference).resolve(reference, url)).resolves.toBe('abc-456');
  });

  it.each([
    ['a variable that is not set', 'env:NOBODY', /is not set/],
    ['an empty variable', 'env:EMPTY', /is not set/],
    ['an inherited member', 'env:constructor', /is not set/],
    ['a key of CAIO itself', 'env:CAIO_SIGNING_KEY', /one of CAIO itself/],
    ['a secret in place of a reference', 'sk-live-hush', /neither env:NAME nor file:PATH/],
    ['a file that is not there', 'file:/nowhere/at/all', /cannot be read/],
  ])('to %s is refused, even where it is granted', async (_, reference, message) => {
    const attempt = secretsGranting(reference).resolve(reference, url);
    await expect(attempt).rejects.toMatchObject({ code: 'secret_unavailable', message });
    await expect(attempt).rejects.not.toThrow(/hush|own\b/);
  });

  it.each(['env:UPSTREAM_KEY', 'file:/etc/passwd', 'sk-live-hush'])(
    'that nobody granted is refused, and a secret in its place is not repeated: %s',
    async (reference) => {
      const attempt = secretsGranting('env:OTHER').resolve(reference, url);
      await expect(attempt).rejects.toMatchObject({
        code: 'secret_unavailable',
        message: /not one that caio\.yaml grants/,
      });
      await expect(attempt).rejects.not.toThrow(/hush/);
    },
  );

  it.each([
    'http://api.example/',
    'https://api.example:8443/',
    'https://api.example.evil.example/',
    'https://evil.example/https://api.example',
  ])('is not sent to another origin than it is granted to: %s', async (other) => {
    const attempt = secretsGranting('env:UPSTREAM_KEY').resolve('env:UPSTREAM_KEY', other);
    await expect(attempt).rejects.toMatchObject({ message: /is not granted to/ });
  });

  it('to a file that is too long or holds more than visible ASCII is refused', async () => {
    writeFileSync(join(folder, 'long'), 'x'.repeat(8193));
    writeFileSync(join(folder, 'lines'), 'one\ntwo');
    const [long, lines] = [`file:${join(folder, 'long')}`, `file:${join(folder, 'lines')}`];
    await expect(secretsGranting(long).resolve(long, url)).rejects.toThrow(/longer than/);
    await expect(secretsGranting(lines).resolve(lines, url)).rejects.toThrow(/no header/);
  });
});
