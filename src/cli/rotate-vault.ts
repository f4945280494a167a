import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { formatMasterKey, masterKeyOf } from '../server/openings/master-key.js';
import { rotateVaultKey } from '../server/openings/rotation.js';
import { readConfiguration } from './configuration.js';
import { CommandFailure } from './failure.js';
import { writeText } from './files.js';
import type { CommandIo } from './io.js';
import { openVaultStore, readVaultKey } from './open-vault.js';

/** Puts the keys of the configured vault under the key in `newKeyFile`, which is made when it is not there. */
export async function rotateVault(
  config: string,
  newKeyFile: string,
  io: CommandIo,
): Promise<{ readonly id: string; readonly keys: number }> {
  const { openings } = await readConfiguration(config, io.env);
  if (openings === undefined) {
    throw new CommandFailure('invalid_configuration', `${config} names no vault: it has no openings.`);
  }
  const before = await readVaultKey(openings.key, io.env);
  if (!(await stat(newKeyFile).catch(() => undefined))) {
    await writeText(newKeyFile, `${formatMasterKey(masterKeyOf(randomBytes(32)))}\n`, 0o600);
  }
  const after = await readVaultKey(newKeyFile, io.env);
  const store = await openVaultStore(openings.place);
  try {
    const keys = await rotateVaultKey(store, before, after, randomBytes, (done) =>
      io.err(`${done} keys so far\n`),
    );
    return { id: after.id, keys };
  } finally {
    await store.close();
  }
}
