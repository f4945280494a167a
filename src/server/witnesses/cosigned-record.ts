import { canonicalText } from '../../kernel/canonical.js';
import { digestFromBytes } from '../../kernel/digest.js';
import type { VerifierKey } from '../../kernel/verifier-key.js';
import type { Published } from '../../log/published.js';
import { verifyCheckpoint } from '../../log/tlog/checkpoint.js';
import { parseNoteText } from '../../log/tlog/note.js';

/** What is kept of the witnesses' cosignatures, beside the log. */
export interface CosignedRecord {
  /** The newest checkpoint with cosignatures of the quorum. */
  readonly newest?: Published;
  /** By name and hash of the key: the size that each witness cosigned last. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Keeps the record. `save` resolves when it is durable. */
export interface CosignedStore {
  save(text: string): Promise<void>;
}

const type = 'caio/cosigned/v1';

export const nameOf = ({ name, hash }: VerifierKey): string => `${name}+${hash}`;

/** Canonical JSON. */
export function formatCosigned({ newest, sizes }: CosignedRecord): string {
  const checkpoint = newest === undefined ? {} : { newest: newest.checkpoint };
  return `${canonicalText({ type, ...checkpoint, sizes: Object.fromEntries(sizes) })}\n`;
}

/** What `formatCosigned` wrote; `undefined` for anything else, and for a checkpoint that the log's key did not sign. */
export function parseCosigned(text: string, logKey: VerifierKey): CosignedRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.type !== type || !isObject(value.sizes)) return undefined;
  const sizes = Object.entries(value.sizes);
  if (!sizes.every(([, size]) => Number.isSafeInteger(size) && (size as number) >= 0)) return undefined;
  const newest = value.newest === undefined ? undefined : readCheckpoint(value.newest, logKey);
  if (value.newest !== undefined && newest === undefined) return undefined;
  return {
    sizes: new Map(sizes as [string, number][]),
    ...(newest === undefined ? {} : { newest }),
  };
}

function readCheckpoint(text: unknown, logKey: VerifierKey): Published | undefined {
  const note = typeof text === 'string' ? parseNoteText(text) : undefined;
  const opened = note?.ok ? verifyCheckpoint(note.value, logKey) : undefined;
  if (!opened?.ok) return undefined;
  const { size, root } = opened.value;
  return { size, root: digestFromBytes(root), checkpoint: text as string };
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
