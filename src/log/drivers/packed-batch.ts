import type { Batch } from '../port.js';

/** A batch whose blobs lie in one block of memory, which passes to another thread without being copied. */
export interface PackedBatch {
  readonly head: Batch['head'];
  readonly index: Batch['index'];
  readonly beside: Pick<Batch, 'drop' | 'onlyIf'>;
  readonly keys: readonly string[];
  readonly lengths: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Copies the blobs once. Their memory stays the caller's: what hangs on to it is not disturbed. */
export function packBatch({ head, index, blobs, ...beside }: Batch): PackedBatch {
  const lengths = blobs.map(({ bytes }) => bytes.length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let offset = 0;
  for (const blob of blobs) {
    bytes.set(blob.bytes, offset);
    offset += blob.bytes.length;
  }
  return { head, index, beside, keys: blobs.map(({ key }) => key), lengths, bytes };
}

/** The batch again; its blobs are views of the block. */
export function unpackBatch({ head, index, beside, keys, lengths, bytes }: PackedBatch): Batch {
  let offset = 0;
  const blobs = keys.map((key, i) => {
    const end = offset + (lengths[i] ?? 0);
    const blob = { key, bytes: bytes.subarray(offset, end) };
    offset = end;
    return blob;
  });
  return { head, index, blobs, ...beside };
}
