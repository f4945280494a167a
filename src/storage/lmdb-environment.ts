import { type Database, open, type RootDatabase } from 'lmdb';

export type Binary = Database<Buffer, Buffer>;

/** An LMDB folder that is open. `meta` says whose it is. */
export interface Environment {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly meta: Binary;
}

/**
 * Opens the databases of these names, besides `meta`, with every sync on. `readOnly` takes a place in the table of readers (lock.mdb) and writes
 * nothing else; databases that are not there are not made then, and are `undefined`.
 */
export function openEnvironment<Name extends string>(
  folder: string,
  names: readonly Name[],
  readOnly = false,
): Environment & Readonly<Record<Name, Binary>> {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const root = open<Buffer, Buffer>({
    path: folder,
    noSubdir: false,
    overlappingSync: false,
    maxDbs: 8,
    readOnly,
    ...binary,
  });
  const database = (name: string): Binary => root.openDB<Buffer, Buffer>({ name, ...binary });
  const named = Object.fromEntries(names.map((name) => [name, database(name)])) as Record<Name, Binary>;
  return { root, meta: database('meta'), ...named };
}

/** A key in bytes: each of its characters is one, so keys stand in the order of their characters. */
export const keyBytes = (key: string): Buffer => Buffer.from(key, 'latin1');
