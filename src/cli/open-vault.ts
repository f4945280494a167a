import { placeOf } from '../log/drivers/postgres-address.js';
import type { Log } from '../log/log.js';
import type { Snapshot } from '../orchestrator/snapshot.js';
import { systemClock } from '../server/clock.js';
import { readSecretFile } from '../server/identity/key-file.js';
import { type MasterKey, parseMasterKey } from '../server/openings/master-key.js';
import { memoryLogVault, vaultPorts } from '../server/openings/memory-log-vault.js';
import { postgresVault } from '../server/openings/postgres-vault.js';
import { threadVault } from '../server/openings/thread-vault.js';
import { openLogVault, type Vault } from '../server/openings/vault.js';
import type { VaultStore } from '../server/openings/vault-port.js';
import { pooledRandom } from '../server/random.js';
import type { Configuration, OpeningsConfiguration } from './configuration.js';
import { CommandFailure } from './failure.js';
import type { CommandIo } from './io.js';

/** The vault that a configuration names, opened for its log. */
export async function openConfiguredVault(
  { openings, storage }: Configuration,
  log: Log<Snapshot>,
  io: CommandIo,
): Promise<Vault> {
  // A log that begins anew has no use for the openings of the last one.
  if (openings === undefined || storage.driver === 'memory') {
    io.out('openings are in memory: what is sealed can be opened until the end only\n');
    return memoryLogVault(log, systemClock, pooledRandom());
  }
  const master = await readVaultKey(openings.key, io.env);
  const store = await openVaultStore(openings.place);
  try {
    const { keep, payloads } = openings;
    const vault = await openLogVault({
      store,
      master,
      random: pooledRandom(),
      keep,
      payloads,
      ...vaultPorts(log, systemClock),
    });
    io.out(`openings are in ${placeText(openings.place)}, under the vault key ${master.id}\n`);
    return vault;
  } catch (cause) {
    await store.close();
    throw cause;
  }
}

/** The store of a vault, in a thread of its own or in the database of its log. */
export function openVaultStore(place: OpeningsConfiguration['place']): Promise<VaultStore> {
  switch (place.kind) {
    case 'folder':
      return threadVault(place.folder);
    case 'database':
      return postgresVault(place.address);
    default:
      return place satisfies never;
  }
}

const placeText = (place: OpeningsConfiguration['place']): string =>
  place.kind === 'folder' ? place.folder : `the ${placeOf(place.address)}`;

/** From `env:NAME` or a file of mode 0600. */
export async function readVaultKey(reference: string, environment: CommandIo['env']): Promise<MasterKey> {
  const variable = /^env:(.+)$/.exec(reference)?.[1];
  const text = variable === undefined ? await readSecretFile(reference) : environment[variable];
  if (text === undefined) {
    throw new CommandFailure(
      'invalid_configuration',
      `The vault key is to come from ${reference}, which is not set.`,
    );
  }
  const key = parseMasterKey(text);
  if (key.ok) return key.value;
  throw new CommandFailure(
    'invalid_key',
    `${reference} is not a vault key.`,
    [key.error],
    'caio vault key makes one; caio init does, too.',
  );
}
