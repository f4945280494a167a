import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../kernel/errors.js';
import type { VerifierKey } from '../../kernel/verifier-key.js';
import { type Checkpoint, verifyCheckpoint } from '../../log/tlog/checkpoint.js';
import { parseBundle } from '../../log/tlog/entry-bundle.js';
import { parseNote } from '../../log/tlog/note.js';
import { tileWidth } from '../../log/tlog/tile.js';
import { bundlePath } from '../../log/tlog/tile-path.js';
import { CommandFailure } from '../failure.js';

/** Where the files of a log are read from (C2SP tlog-tiles): the bytes at a path, `undefined` where there are none. */
export type ReadLogFile = (path: string) => Promise<Uint8Array | undefined>;

/** A folder with `checkpoint` and `tile/…`, as a log is exported. */
export function logFolder(folder: string): ReadLogFile {
  return (path) =>
    readFile(join(folder, path)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw new Fault('io_failed', `${join(folder, path)} could not be read (${cause.code}).`, {
        retryable: false,
        subject: folder,
        cause,
      });
    });
}

/** The log of a running CAIO. Its newest checkpoint, whether witnesses have seen it or not: receipts are as new. */
export function logOfServer(url: string, credential: string | undefined): ReadLogFile {
  const base = `${url.replace(/\/+$/, '')}/log/`;
  const headers = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
  return async (path) => {
    const at = base + (path === 'checkpoint' ? 'checkpoint/newest' : path);
    const response = await fetch(at, { headers, redirect: 'error' }).catch((cause: unknown) => {
      throw new Fault('server_unreachable', `${url} cannot be reached.`, { retryable: true, cause });
    });
    const body = new Uint8Array(await response.arrayBuffer());
    if (response.ok) return body;
    if (response.status === 404) return undefined;
    if (response.status === 401 || response.status === 403) {
      const code = response.status === 401 ? 'unauthenticated' : 'forbidden';
      const hint = 'Reading the log needs a key with scope log or admin: --key-file FILE, or CAIO_API_KEY.';
      throw new CommandFailure(code, `${url} does not let this key read its log.`, [], hint);
    }
    throw new Fault('server_unreachable', `${at} answers ${response.status}.`, { retryable: true });
  };
}

/** The checkpoint of the log, signed by its key. Throws CommandFailure `verification_failed` for one that is not. */
export async function checkpointOf(read: ReadLogFile, key: VerifierKey): Promise<Checkpoint> {
  const bytes = await read('checkpoint');
  if (bytes === undefined) {
    const hint = 'A log folder has the files checkpoint and tile/…; --server reads them from a running CAIO.';
    throw new CommandFailure('not_found', 'There is no checkpoint.', [], hint);
  }
  const note = parseNote(bytes);
  const opened = note.ok ? verifyCheckpoint(note.value, key) : note;
  if (opened.ok) return opened.value;
  throw new CommandFailure('verification_failed', `The checkpoint is wrong: ${opened.error.message}.`);
}

/** The bytes of the entries [0, size), in order, one bundle in memory. What they hash to is for the caller to check. */
export async function* entriesOf(read: ReadLogFile, size: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; tileWidth * index < size; index += 1) {
    const name = { index, width: Math.min(tileWidth, size - tileWidth * index) };
    const bytes = await read(bundlePath(name));
    if (bytes === undefined) {
      throw new CommandFailure('verification_failed', `The log lacks ${bundlePath(name)}.`);
    }
    const entries = parseBundle(bytes, name.width);
    if (!entries.ok) {
      throw new CommandFailure('verification_failed', `${bundlePath(name)}: ${entries.error.message}.`);
    }
    yield* entries.value;
  }
}
