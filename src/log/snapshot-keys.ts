import type { Digest } from '../kernel/digest.js';
import { indexDigits } from './index-rows.js';
import { droppableFolder, type IndexRow, type StoragePort } from './port.js';

/** Rows `snapshot/<digits of the size>` hold the signed notes; manifest and parts are blobs by digest, so what two snapshots share is there once. */
export const snapshotFolder = droppableFolder;
export const snapshotBlobKey = (digest: Digest): string => `${snapshotFolder}${digest}`;
export const snapshotRowKey = (size: number): string => `${snapshotFolder}${indexDigits(size)}`;

/** The most snapshots that are kept, and that a start looks at before it reads the log from its first entry. */
export const mostKept = 4;

/**
 * The edition of the snapshots: a number that is another with each commit that keeps or drops one. Who keeps or drops commits only if it is as it was
 * when they looked at what is there, so that of two who do so at once the second looks again. The row is never dropped.
 */
export const editionRow = 'snapshots';

export const readEdition = (storage: Pick<StoragePort, 'readIndex'>): Promise<string | undefined> =>
  storage.readIndex(editionRow);

export function editionAfter(edition: string | undefined): IndexRow {
  const number = Number(edition ?? 0);
  return { key: editionRow, value: String(Number.isSafeInteger(number) ? number + 1 : 1) };
}
