import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../src/cli/configuration.js';
import { scratchFolder } from '../../support/caio-command.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  scratch = await scratchFolder();
  await writeFile(scratch.path('caio.yaml'), 'signing_key: signing.key\n');
});
afterAll(() => scratch.dispose());

describe('where a server listens', () => {
  it.each([
    [{}, '127.0.0.1', 8080],
    [{ CAIO_HOST: '', CAIO_PORT: '' }, '127.0.0.1', 8080],
    [{ CAIO_HOST: '0.0.0.0', CAIO_PORT: '0' }, '0.0.0.0', 0],
  ])('with the environment %j is %s:%i', async (environment, host, port) => {
    expect(await readConfiguration(scratch.path('caio.yaml'), environment)).toMatchObject({ host, port });
  });

  it.each(['65536', '-1', '80a', '0x50'])('is no port %j', async (CAIO_PORT) => {
    await expect(readConfiguration(scratch.path('caio.yaml'), { CAIO_PORT })).rejects.toThrow(
      /is not a port/,
    );
  });
});
