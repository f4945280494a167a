import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openHere } from '../../storage/claimed-folder.js';
import { readClaim } from '../../storage/folder-claim.js';
import { FolderFaults } from '../../storage/folder-faults.js';
import { keyBytes } from '../../storage/lmdb-environment.js';
import { brokenStoreFile } from '../../storage/lmdb-file.js';
import { stateOf } from '../../storage/process-identity.js';
import type { Head, IndexRange } from '../port.js';
import type { StoreReading } from '../store-reading.js';
import { type LogEnvironment, logFolder, rowKey, scan, scanDroppable, storedHead } from './log-folder.js';
import { folderOf } from './storage-key.js';

const pageItems = 512;

/**
 * Opens the log in a folder to read it, beside a server that has it open or not: no claim is taken or looked for, nothing is written but a
 * place in LMDB's table of readers. Each read sees a state that was committed; what stands below a head that was read never changes.
 * Rejects with Fault `storage_failed`: no log there, another layout, or open in this very process.
 */
export async function lmdbReading(folder: string): Promise<StoreReading> {
  const faults = new FolderFaults(logFolder, folder);
  const place = existing(faults);
  if (openHere.has(place)) throw faults.refusal(`is open in process ${process.pid}, this one`);
  const environment = attempt(faults, () => logFolder.open(folder, true));
  try {
    // Databases that are not there are not made by one who reads.
    if (environment.meta === undefined) throw faults.refusal('holds no log');
    const claim = attempt(faults, () => readClaim(environment));
    if (claim !== undefined && claim.layout !== logFolder.layout) {
      throw faults.refusal(`has the layout ${claim.layout}, not ${logFolder.layout}`);
    }
    const still = claim === undefined || stateOf(claim.holder) === 'gone';
    openHere.add(place);
    return readingOf(faults, place, environment, still);
  } catch (cause) {
    await environment.root.close().catch(() => undefined);
    throw cause;
  }
}

function readingOf(
  faults: FolderFaults,
  place: string,
  environment: LogEnvironment,
  still: boolean,
): StoreReading {
  const { blobs, index, root } = environment;
  const read = async <T>(look: () => T): Promise<T> => attempt(faults, look);
  return {
    still,
    readHead: () => read((): Head | undefined => storedHead(environment)),
    readBlob: (key) => read(() => blobs.get(keyBytes(key))),
    readBlobs: (keys) => read(() => keys.map((key) => blobs.get(keyBytes(key)))),
    readIndex: (key) => read(() => index.get(rowKey(folderOf(key), key))?.toString()),
    readRows: (keys) => read(() => keys.map((key) => index.get(rowKey(folderOf(key), key))?.toString())),
    scanIndex: (range: IndexRange) => read(() => scan(index, range)),
    scanDroppable: (after, limit) => read(() => scanDroppable(environment, after, limit)),
    // LMDB's own pages: where they are damaged a read fails, or ends the process.
    malformations: async function* () {},
    blobKeys: async function* () {
      for await (const { key } of everything(blobs)) yield key.toString('latin1');
    },
    rows: async function* () {
      for await (const { key, value } of everything(index)) {
        yield { key: key.toString('latin1').replace('\0', ''), value: value.toString() };
      }
    },
    close: async () => {
      openHere.delete(place);
      await root.close();
    },
  };
}

/** By pages, so that no reader's transaction outlives a turn of the event loop and keeps the writer from using pages again. */
async function* everything(database: LogEnvironment['blobs']) {
  let start: Buffer | undefined;
  for (;;) {
    const range = { limit: pageItems, ...(start === undefined ? {} : { start }) };
    const page = [...database.getRange(range)];
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageItems) return;
    start = Buffer.concat([last.key, Buffer.of(0)]);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function existing(faults: FolderFaults): string {
  const { folder } = faults;
  if (statSync(join(folder, 'data.mdb'), { throwIfNoEntry: false }) === undefined) {
    throw faults.refusal('holds no log: there is no data.mdb in it');
  }
  const broken = brokenStoreFile(folder);
  if (broken !== undefined) throw faults.refusal(broken);
  return realpathSync(folder);
}

function attempt<T>(faults: FolderFaults, look: () => T): T {
  try {
    return look();
  } catch (cause) {
    throw faults.from(cause, 'could not be read');
  }
}
