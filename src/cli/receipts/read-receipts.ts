import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerifierKey } from '../../kernel/verifier-key.js';
import { openReceipt, type Receipt } from '../../log/receipt.js';
import { type DecisionReceipt, ReceiptError, verifyReceipt } from '../../sdk/decision-receipt.js';
import { CommandFailure } from '../failure.js';
import { readText } from '../files.js';

/** A receipt whose signature holds. */
export type GivenReceipt =
  | { readonly kind: 'attempt'; readonly file: string; readonly receipt: Receipt }
  | {
      readonly kind: 'decision';
      readonly file: string;
      readonly index: number;
      readonly decision: string;
      /** Hash of the entry that the receipt is of. */
      readonly leaf: Uint8Array;
    };

/** A receipt that its own signature refutes. */
export interface FalseReceipt {
  readonly file: string;
  readonly why: string;
}

export interface ReadReceipts {
  readonly given: readonly GivenReceipt[];
  readonly refuted: readonly FalseReceipt[];
}

/** Every file named, and every file in the folders named, not below. Throws CommandFailure for what is no receipt at all. */
export async function readReceipts(
  paths: readonly string[],
  key: VerifierKey,
  vkey: string,
): Promise<ReadReceipts> {
  const files = (await Promise.all(paths.map(filesAt))).flat();
  if (files.length === 0) throw new CommandFailure('not_found', `There is no file in ${paths.join(', ')}.`);
  const given: GivenReceipt[] = [];
  const refuted: FalseReceipt[] = [];
  for (const file of files) {
    const read = await readReceipt(file, key, vkey);
    if ('why' in read) refuted.push(read);
    else given.push(read);
  }
  return { given, refuted };
}

async function filesAt(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new CommandFailure('not_found', `Receipt ${path} does not exist.`);
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => join(path, name))
    .sort();
}

async function readReceipt(
  file: string,
  key: VerifierKey,
  vkey: string,
): Promise<GivenReceipt | FalseReceipt> {
  const text = await readText(file, 'Receipt');
  if (text.startsWith('caio/receipt/')) {
    const receipt = openReceipt(text, key);
    return receipt.ok
      ? { kind: 'attempt', file, receipt: receipt.value }
      : { file, why: `${receipt.error.message} (${receipt.error.code})` };
  }
  const receipt = decisionReceiptIn(text, file);
  try {
    const found = await verifyReceipt(receipt, { key: vkey });
    return { kind: 'decision', file, ...found };
  } catch (error) {
    if (error instanceof ReceiptError) return { file, why: `${error.message} (${error.code})` };
    throw error;
  }
}

function decisionReceiptIn(text: string, file: string): DecisionReceipt {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (type === 'caio/decision-receipt/v1') return value as DecisionReceipt;
  const hint =
    'Receipts are what a service got in x-caio-receipt, decoded, and what client.receipt gives a caller.';
  throw new CommandFailure('usage', `${file} is no receipt.`, [], hint);
}
