import { parentPort, workerData } from 'node:worker_threads';
import { Defect } from '../../kernel/errors.js';
import { failureOf } from '../../log/drivers/thread-messages.js';
import { folderVault } from './folder-vault.js';
import type { VaultStore } from './vault-port.js';
import {
  ownBytes,
  type VaultAnswered,
  type VaultAsked,
  type VaultOpened,
  type VaultThreadData,
} from './vault-thread-messages.js';

/** The thread behind `threadVault`: opens the folder that it was started with, and does what it is asked, one call after the other. */
async function serve({ folder, token }: VaultThreadData): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Defect('internal', 'this module is the beginning of a thread');
  const opened = await folderVault(folder, token).catch(failureOf);
  if ('kind' in opened) {
    port.postMessage({ failure: opened } satisfies VaultOpened);
    return;
  }
  port.on('message', async (asked: VaultAsked) => {
    port.postMessage(await answer(opened, asked));
    if (asked.call.name === 'close') port.close();
  });
  port.postMessage({ opened: true } satisfies VaultOpened);
}

async function answer(store: VaultStore, { id, call }: VaultAsked): Promise<VaultAnswered> {
  try {
    return { id, value: await perform(store, call) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

async function perform(store: VaultStore, call: VaultAsked['call']): Promise<unknown> {
  switch (call.name) {
    case 'commit':
      return store.commit(call.change);
    case 'read':
      return own(await store.read(call.row));
    case 'readKey':
      return own(await store.readKey(call.key));
    case 'scan':
      return ownBytes(await store.scan(call.range));
    case 'scanKeys':
      return store.scanKeys(call.range);
    case 'close':
      return store.close();
    default:
      return call satisfies never;
  }
}

const own = (bytes: Uint8Array | undefined): Uint8Array | undefined =>
  bytes === undefined ? undefined : Uint8Array.from(bytes);

await serve(workerData as VaultThreadData);
