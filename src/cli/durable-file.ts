import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Fault } from '../kernel/errors.js';

/** Replaces the file by one that is on the disk before it resolves: written beside it, synced, renamed, and the folder synced. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}.new`);
  try {
    const file = await open(temporary, 'wx', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw failed(path, 'written', cause);
  }
}

/** The text of the file; `undefined` where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw failed(path, 'read', cause);
  });
}

function failed(path: string, what: string, cause: unknown): Fault {
  const { code } = cause as NodeJS.ErrnoException;
  return new Fault('io_failed', `${path} could not be ${what} (${code}).`, {
    retryable: false,
    subject: path,
    cause,
  });
}
