import { decodeBase64, encodeBase64 } from '../../kernel/base64.js';
import { digestFromBytes, sha256 } from '../../kernel/digest.js';
import type { Problem } from '../../kernel/problem.js';
import { err, ok, type Result } from '../../kernel/result.js';
import { encodeUtf8 } from '../../kernel/utf8.js';

/** Wraps the data keys of a vault. `id` tells which key it is and nothing about it. */
export interface MasterKey {
  /** 8 hexadecimal digits. */
  readonly id: string;
  /** 32 bytes. */
  readonly bytes: Uint8Array;
}

const prefix = 'VAULT+KEY+';
const keyBytes = 32;

/** From 32 random bytes. */
export function masterKeyOf(bytes: Uint8Array): MasterKey {
  const id = digestFromBytes(sha256(Buffer.concat([encodeUtf8('caio/vault-key/v1\n'), bytes])));
  return { id: id.slice(0, 8), bytes };
}

/** `VAULT+KEY+<id>+<base64>`: a secret. */
export function formatMasterKey({ id, bytes }: MasterKey): string {
  return `${prefix}${id}+${encodeBase64(bytes)}`;
}

/** The key in the form `formatMasterKey` writes; white space around it is ignored. No message repeats any of the text. */
export function parseMasterKey(text: string): Result<MasterKey, Problem> {
  const trimmed = text.trim();
  const [, id, material] = /^VAULT\+KEY\+([0-9a-f]{8})\+(\S+)$/.exec(trimmed) ?? [];
  const bytes = material === undefined ? undefined : decodeBase64(material);
  if (id === undefined || bytes?.length !== keyBytes) {
    return invalid(`a vault key is ${prefix}<id>+<base64 of ${keyBytes} bytes>`);
  }
  const key = masterKeyOf(bytes);
  return key.id === id ? ok(key) : invalid('the id is not that of this key: it was changed or cut short');
}

function invalid(message: string): Result<never, Problem> {
  return err({ code: 'key_invalid', path: '', message });
}
