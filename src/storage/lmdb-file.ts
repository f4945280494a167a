import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What is wrong with the file of an LMDB folder, or `undefined`. LMDB maps the file and believes what is in it: one that is no store, or
 * shorter than it says, ends the process where it is read. This looks at the two meta pages only (lmdb.h of the lmdb package 3.5).
 */
export function brokenStoreFile(folder: string): string | undefined {
  const path = join(folder, 'data.mdb');
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return undefined;
  const first = readMeta(path, 0);
  if (first === undefined) return 'holds data.mdb, which is no LMDB store';
  const second = readMeta(path, first.pageBytes);
  if (second === undefined) return 'holds data.mdb, which is no whole LMDB store';
  const newest = second.transaction > first.transaction ? second : first;
  const whole = (newest.lastPage + 1n) * BigInt(first.pageBytes);
  return BigInt(size) < whole ? `holds data.mdb with ${size} of its ${whole} bytes` : undefined;
}

interface Meta {
  readonly pageBytes: number;
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

/** A page header of 24 bytes, then magic, version, address, map size, and two database records of 48 bytes. */
function readMeta(path: string, at: number): Meta | undefined {
  const page = Buffer.alloc(0xa0);
  const file = openSync(path, 'r');
  try {
    if (readSync(file, page, 0, page.length, at) < page.length) return undefined;
  } finally {
    closeSync(file);
  }
  if (page.readUInt32LE(0x18) !== 0xbeefc0de) return undefined;
  return {
    pageBytes: page.readUInt32LE(0x30),
    lastPage: page.readBigUInt64LE(0x90),
    transaction: page.readBigUInt64LE(0x98),
  };
}
