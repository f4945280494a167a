import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../kernel/errors.js';
import type { Blob, Head, IndexRange, IndexRow, StoragePort } from '../port.js';
import {
  bytesOf,
  type Environment,
  layout,
  openEnvironment,
  openHere,
  readClaim,
  rowKey,
  scan,
  storedHead,
} from './lmdb-environment.js';
import { brokenStoreFile } from './lmdb-file.js';
import { type ProcessIdentity, stateOf } from './process-identity.js';
import { folderOf } from './storage-key.js';

/** A store that is only looked at. */
export interface StoreReading extends Omit<StoragePort, 'commit' | 'durability'> {
  /** The process that writes to the store now, as far as that can be told from here. */
  readonly writer: ProcessIdentity | undefined;
  /** Everything in it, in the order of the keys' bytes; what is committed meanwhile may or may not be among it. */
  blobs(): AsyncIterable<Blob>;
  rows(): AsyncIterable<IndexRow>;
}

const pageItems = 512;

/**
 * Opens the log in a folder to read it, beside a server that has it open or not: no claim is taken or looked for, nothing is written but a
 * place in LMDB's table of readers. Each read sees a state that was committed; what stands below a head that was read never changes.
 * Rejects with Fault `storage_failed`: no log there, another layout, or open in this very process.
 */
export async function lmdbReading(folder: string): Promise<StoreReading> {
  const place = existing(folder);
  if (openHere.has(place)) throw refusal(folder, `is open in process ${process.pid}, this one`);
  const environment = attempt(folder, () => openEnvironment(folder, true));
  try {
    // Databases that are not there are not made by one who reads.
    if (environment.meta === undefined) throw refusal(folder, 'holds no log');
    const claim = attempt(folder, () => readClaim(environment));
    if (claim !== undefined && claim.layout !== layout) {
      throw refusal(folder, `has the layout ${claim.layout}, not ${layout}`);
    }
    const writer = claim !== undefined && stateOf(claim.holder) !== 'gone' ? claim.holder : undefined;
    openHere.add(place);
    return readingOf(folder, place, environment, writer);
  } catch (cause) {
    await environment.root.close().catch(() => undefined);
    throw cause;
  }
}

function readingOf(
  folder: string,
  place: string,
  environment: Environment,
  writer: ProcessIdentity | undefined,
): StoreReading {
  const { blobs, index, root } = environment;
  const read = async <T>(look: () => T): Promise<T> => attempt(folder, look);
  return {
    writer,
    readHead: () => read((): Head | undefined => storedHead(environment)),
    readBlob: (key) => read(() => blobs.get(bytesOf(key))),
    readIndex: (key) => read(() => index.get(rowKey(folderOf(key), key))?.toString()),
    scanIndex: (range: IndexRange) => read(() => scan(index, range)),
    blobs: async function* () {
      for await (const { key, value } of everything(blobs))
        yield { key: key.toString('latin1'), bytes: value };
    },
    rows: async function* () {
      for await (const { key, value } of everything(index)) {
        yield { key: key.toString('latin1').replace('\0', ''), value: value.toString('latin1') };
      }
    },
    close: async () => {
      openHere.delete(place);
      await root.close();
    },
  };
}

/** By pages, so that no reader's transaction outlives a turn of the event loop and keeps the writer from using pages again. */
async function* everything(database: Environment['blobs']) {
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

function existing(folder: string): string {
  if (statSync(join(folder, 'data.mdb'), { throwIfNoEntry: false }) === undefined) {
    throw refusal(folder, 'holds no log: there is no data.mdb in it');
  }
  const broken = brokenStoreFile(folder);
  if (broken !== undefined) throw refusal(folder, broken);
  return realpathSync(folder);
}

function refusal(folder: string, what: string): Fault {
  return new Fault('storage_failed', `The log folder ${folder} ${what}.`, {
    retryable: false,
    subject: folder,
  });
}

function attempt<T>(folder: string, look: () => T): T {
  try {
    return look();
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('storage_failed', `The log folder ${folder} could not be read: ${reason}.`, {
      retryable: true,
      subject: folder,
      cause,
    });
  }
}
