import { randomBytes } from 'node:crypto';
import { keyAlgorithm, parseVerifierKey } from '../kernel/verifier-key.js';
import type { KeyRecord } from '../log/key-record.js';
import { type KeyGrant, mintApiKey } from '../server/identity/api-key.js';
import { readSecretFile } from '../server/identity/key-file.js';
import { isScope } from '../server/identity/scope.js';
import { CommandFailure } from './failure.js';

/** An API key as text, and its record as the file keeps it. */
export function mintKey(grant: KeyGrant): { readonly key: string; readonly record: KeyRecord } {
  return mintApiKey(grant, (bytes) => randomBytes(bytes));
}

/** The text of a file of API keys: digests, no secrets; 0600 all the same, since whoever may write it may log in. */
export function formatApiKeys(records: readonly KeyRecord[]): string {
  return `${JSON.stringify({ api_keys: records }, undefined, 2)}\n`;
}

/** Reads the API keys that exist from the start. The file must be readable by its owner alone. */
export async function readApiKeys(file: string): Promise<readonly KeyRecord[]> {
  const text = await readSecretFile(file);
  const records = recordsIn(text);
  if (records?.every(isKeyRecord)) return records;
  throw new CommandFailure(
    'invalid_configuration',
    `${file} is not a file of API keys.`,
    [],
    'caio init writes one; caio doctor checks it.',
  );
}

function recordsIn(text: string): readonly unknown[] | undefined {
  try {
    const { api_keys: records } = JSON.parse(text) as { readonly api_keys?: unknown };
    return Array.isArray(records) ? records : undefined;
  } catch {
    return undefined;
  }
}

function isKeyRecord(value: unknown): value is KeyRecord {
  const record = value as Partial<KeyRecord> | null;
  return (
    typeof record === 'object' &&
    record !== null &&
    /^[0-9a-f]{16}$/.test(record.id ?? '') &&
    /^[0-9a-f]{64}$/.test(record.digest ?? '') &&
    typeof record.tenant === 'string' &&
    isTexts(record.permissions) &&
    isTexts(record.scopes) &&
    record.scopes.every(isScope) &&
    [record.trust_level, record.not_before, record.expires].every(Number.isSafeInteger) &&
    (record.verifier_key === undefined || isSigningVerifierKey(record.verifier_key))
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Changes are signed with Ed25519. */
function isSigningVerifierKey(text: unknown): boolean {
  const key = typeof text === 'string' ? parseVerifierKey(text) : undefined;
  return key?.ok === true && key.value.algorithm === keyAlgorithm.ed25519;
}
