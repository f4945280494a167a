import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Keeps the receipt in a file of its own, named by its content: the same one twice is one file, and no text in it can choose the place. Rejects when it
 * cannot be written.
 */
export async function storeReceipt(folder: string, receipt: string): Promise<void> {
  const name = createHash('sha256').update(receipt).digest('hex').slice(0, 32);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.receipt`), receipt, { flag: 'wx' }).catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
    },
  );
}
