import { encodeUtf8 } from '../../kernel/utf8.js';

/**
 * A witness's signature over a checkpoint (C2SP tlog-cosignature, cosignature/v1, key algorithm 0x04): what follows the key hash in its
 * signature line is the time in seconds since the epoch as 64 bits, the high byte first, and 64 bytes of Ed25519 over `cosignedBytes`.
 */
export interface Cosignature {
  readonly seconds: bigint;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** `cosignature/v1`, `time <seconds>` and the text of the checkpoint, a line feed after each. */
export function cosignedBytes(seconds: bigint, checkpointText: string): Uint8Array {
  return encodeUtf8(`cosignature/v1\ntime ${seconds}\n${checkpointText}`);
}

/** Seconds from 0 to 2⁶⁴ − 1, or they are taken modulo 2⁶⁴. */
export function formatCosignature({ seconds, signature }: Cosignature): Uint8Array {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt.asUintN(64, seconds));
  return Buffer.concat([time, signature]);
}

/** `undefined` when there are not 72 bytes. */
export function parseCosignature(bytes: Uint8Array): Cosignature | undefined {
  if (bytes.length !== 72) return undefined;
  const seconds = Buffer.from(bytes.subarray(0, 8)).readBigUInt64BE();
  return { seconds, signature: bytes.subarray(8) };
}
