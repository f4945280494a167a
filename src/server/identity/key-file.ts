import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Fault } from '../../kernel/errors.js';

const maxKeyFileBytes = 256 * 1024;

/**
 * The text of a file that holds a secret: a regular file that nobody but its owner may read or write (mode 0600 or less). The check
 * is on the open file, so that it cannot be swapped in between. Throws Fault `io_failed`, which names the path and no content.
 */
export function readSecretFile(path: string): Promise<string> {
  return read(path, 0o077, 'may be read or written by others: chmod 600');
}

/** The text of a file that is public but must not be changed by others, such as a key set: no write for group and world. */
export function readTrustFile(path: string): Promise<string> {
  return read(path, 0o022, 'may be written by others: chmod 644');
}

async function read(path: string, forbidden: number, complaint: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY).catch((cause: NodeJS.ErrnoException) => {
    throw failed(path, cause.code === 'ENOENT' ? 'does not exist' : `cannot be opened (${cause.code})`);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw failed(path, 'is not a regular file');
    // Windows has no such modes.
    if (process.platform !== 'win32' && (stats.mode & forbidden) !== 0) throw failed(path, complaint);
    if (stats.size > maxKeyFileBytes) throw failed(path, `is larger than ${maxKeyFileBytes} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function failed(path: string, why: string): Fault {
  return new Fault('io_failed', `${path}: ${why}`, { retryable: false, subject: path });
}
