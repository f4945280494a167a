import { lmdbRepair } from '../../log/drivers/lmdb.js';
import { lmdbReading } from '../../log/drivers/lmdb-reading.js';
import { type PostgresAddress, placeOf } from '../../log/drivers/postgres-address.js';
import type { StoreReading, StoreRepair } from '../../log/store-reading.js';
import { readConfiguration, type StorageConfiguration } from '../configuration.js';
import { databaseAt } from '../database-url.js';
import { CommandFailure } from '../failure.js';
import type { CommandIo } from '../io.js';

/** A store that is checked: how it is read, and written over. */
export interface CheckedStore {
  readonly place: string;
  /** What names it in JSON. */
  readonly named: { readonly folder: string } | { readonly database: string };
  read(): Promise<StoreReading>;
  repair(): Promise<StoreRepair>;
}

export interface CheckedStoreOptions {
  readonly log?: string;
  readonly postgres?: string;
  readonly config?: string;
}

/** The one store that the options name. */
export async function checkedStore(options: CheckedStoreOptions, io: CommandIo): Promise<CheckedStore> {
  const { log, postgres, config } = options;
  if ([log, postgres, config].filter((each) => each !== undefined).length !== 1) {
    const message = 'Name one store: --log FOLDER, --postgres env:NAME, or --config FILE.';
    throw new CommandFailure('usage', message);
  }
  if (log !== undefined) return folder(log);
  if (postgres !== undefined) return database(await databaseAt(postgres, io.env));
  return configured((await readConfiguration(config as string, io.env)).storage, config as string);
}

function configured(storage: StorageConfiguration, file: string): CheckedStore {
  switch (storage.driver) {
    case 'lmdb':
      return folder(storage.folder);
    case 'postgres':
      return database(storage.address);
    case 'memory':
      throw new CommandFailure('usage', `The log of ${file} is in memory: there is nothing to check.`);
    default:
      return storage satisfies never;
  }
}

function folder(path: string): CheckedStore {
  return {
    place: path,
    named: { folder: path },
    read: () => lmdbReading(path),
    repair: () => lmdbRepair(path),
  };
}

/** Drivers of databases are loaded by those who have one. */
function database(address: PostgresAddress): CheckedStore {
  const place = placeOf(address);
  return {
    place,
    named: { database: place },
    read: async () => {
      const { postgresReading } = await import('../../log/drivers/postgres-reading.js');
      return postgresReading(address, { still: true });
    },
    repair: async () => {
      const { postgresRepair } = await import('../../log/drivers/postgres-repair.js');
      return postgresRepair(address);
    },
  };
}
