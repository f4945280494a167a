import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintApiKey } from '../../../src/server/identity/api-key.js';
import { readSecretFile, readTrustFile } from '../../../src/server/identity/key-file.js';
import { parseKeySet } from '../../../src/server/identity/key-set.js';

const okp = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  alg: 'EdDSA',
  kid: 'a',
};
const codes = (keys: unknown) => {
  const parsed = parseKeySet(JSON.stringify({ keys }));
  return parsed.ok ? [] : parsed.error.map((problem) => problem.path);
};

describe('a key set', () => {
  it('holds public keys with an id and an accepted algorithm', () => {
    expect(parseKeySet(JSON.stringify({ keys: [okp] }))).toEqual({ ok: true, value: { keys: [okp] } });
  });

  it.each([
    ['a private key', [{ ...okp, d: 'AA' }], ['/keys/0']],
    ['a shared secret', [{ kty: 'oct', k: 'AA', alg: 'HS256', kid: 'h' }], ['/keys/0']],
    ['a shared secret without its bytes', [{ kty: 'oct', alg: 'HS256', kid: 'h' }], ['/keys/0']],
    ['no id', [{ ...okp, kid: undefined }], ['/keys/0/kid']],
    ['one id twice', [okp, okp], ['/keys/1/kid']],
    ['no algorithm', [{ ...okp, alg: undefined }], ['/keys/0/alg']],
    ['an algorithm that is not accepted', [{ ...okp, alg: 'HS256' }], ['/keys/0/alg']],
    ['an algorithm for another type of key', [{ ...okp, alg: 'RS256' }], ['/keys/0/kty']],
    ['no keys', [], ['/keys']],
    ['something that is no key', [null, 'x'], ['/keys/0', '/keys/1']],
  ])('is refused with %s', (_name, keys, paths) => {
    expect(codes(keys)).toEqual(paths);
  });

  it('is refused when it is no JSON object', () => {
    for (const text of ['', 'null', '[]', '{"keys":1}', '{']) expect(parseKeySet(text).ok).toBe(false);
  });
});

describe('key files', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'caio-key-file-'));
    file = join(folder, 'key');
    await writeFile(file, 'secret');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.runIf(process.platform !== 'win32').each([0o640, 0o604, 0o660, 0o620, 0o644, 0o601])(
    'with a secret are refused with mode %o',
    async (mode) => {
      await chmod(file, mode);
      const refused = readSecretFile(file);
      await expect(refused).rejects.toMatchObject({ code: 'io_failed', subject: file });
      await expect(refused).rejects.not.toThrow(/secret/);
    },
  );

  it('with a secret are read with mode 0600 or 0400', async () => {
    for (const mode of [0o600, 0o400]) {
      await chmod(file, mode);
      expect(await readSecretFile(file)).toBe('secret');
    }
  });

  it.runIf(process.platform !== 'win32')(
    'that are public may be read by all and written by none',
    async () => {
      await chmod(file, 0o644);
      expect(await readTrustFile(file)).toBe('secret');
      await chmod(file, 0o664);
      await expect(readTrustFile(file)).rejects.toMatchObject({ code: 'io_failed' });
    },
  );

  it('must be regular files that are there', async () => {
    await expect(readSecretFile(join(folder, 'nonesuch'))).rejects.toMatchObject({ code: 'io_failed' });
    await expect(readTrustFile(folder)).rejects.toMatchObject({ code: 'io_failed' });
  });
});

describe('an API key', () => {
  it('carries 32 random bytes, of which the record holds a digest alone', () => {
    const seen: number[] = [];
    const random = (bytes: number) => {
      seen.push(bytes);
      return new Uint8Array(bytes).fill(seen.length);
    };
    const grant = {
      tenant: 'a',
      permissions: [],
      trust_level: 0,
      scopes: ['decide'],
      not_before: 0,
      expires: 1,
    };
    const { key, record } = mintApiKey(grant, random);
    expect(seen).toEqual([8, 32]);
    expect(key).toBe(`caio_0101010101010101_${Buffer.alloc(32, 2).toString('base64url')}`);
    expect(record).toEqual({
      ...grant,
      id: '0101010101010101',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(record)).not.toContain(key.slice(22));
  });
});
