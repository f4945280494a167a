import { createCipheriv, createDecipheriv } from 'node:crypto';
import { hmacSha256 } from '../../kernel/digest.js';
import { encodeUtf8 } from '../../kernel/utf8.js';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
/** What a box is longer than what it holds. */
export const boxOverhead = nonceBytes + tagBytes;

/**
 * AES-256-GCM (NIST SP 800-38D) of `plain` as nonce ‖ ciphertext ‖ tag. The key is HMAC-SHA-256(`key`, `context`), and `context` is the
 * additional data as well: a box opens under its own key and in its own place only. Nonces are 96 random bits. `context` names one thing, so a
 * derived key meets one message, or the few with which that thing is written again: far from the 2³² that random nonces allow.
 */
export function sealBox(
  key: Uint8Array,
  context: string,
  plain: Uint8Array,
  random: (bytes: number) => Uint8Array,
): Uint8Array {
  const nonce = random(nonceBytes);
  const additional = encodeUtf8(context);
  const cipher = createCipheriv(algorithm, hmacSha256(key, additional), nonce).setAAD(additional);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** What `sealBox` was given; `undefined` when key, context or any bit of the box is another. */
export function openBox(key: Uint8Array, context: string, box: Uint8Array): Uint8Array | undefined {
  if (box.length < boxOverhead) return undefined;
  const additional = encodeUtf8(context);
  const decipher = createDecipheriv(algorithm, hmacSha256(key, additional), box.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(additional).setAuthTag(box.subarray(box.length - tagBytes));
  try {
    const plain = decipher.update(box.subarray(nonceBytes, box.length - tagBytes));
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    return undefined;
  }
}
