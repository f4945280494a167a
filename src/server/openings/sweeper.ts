import type { Vault } from './vault.js';

const hourMillis = 3600 * 1000;

/** Sweeps a vault now and then every so often, until it is stopped. Keeps no process alive. A sweep that fails is told, and tried again next time. */
export function startSweeper(
  vault: Vault,
  failed: (cause: unknown) => void,
  everyMillis: number = hourMillis,
): { stop(): Promise<void> } {
  let sweeping: Promise<unknown> = Promise.resolve();
  const sweep = (): void => {
    sweeping = sweeping.then(() => vault.sweep()).catch(failed);
  };
  sweep();
  const timer = setInterval(sweep, everyMillis);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await sweeping;
    },
  };
}
