import { indexFolder } from '../../log/index-rows.js';
import type { Log } from '../../log/log.js';
import type { Clock } from '../clock.js';
import { masterKeyOf } from './master-key.js';
import { memoryVault } from './memory-vault.js';
import { openLogVault, type Vault, type VaultOptions } from './vault.js';

/** What every vault takes from its log. */
export function vaultPorts<S>(log: Log<S>, clock: Clock): Pick<VaultOptions, 'log' | 'isRecorded' | 'time'> {
  return {
    log,
    isRecorded: async (id) => (await log.storage.readIndex(`${indexFolder.decision}${id}`)) !== undefined,
    time: () => clock.wallMicros(),
  };
}

/** A vault that forgets everything with the process, under a key that nobody else ever has. */
export function memoryLogVault<S>(
  log: Log<S>,
  clock: Clock,
  random: (bytes: number) => Uint8Array,
): Promise<Vault> {
  return openLogVault({
    store: memoryVault(),
    master: masterKeyOf(random(32)),
    random,
    ...vaultPorts(log, clock),
  });
}
