// Generated from notebooks/math/06_verification.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { DecisionRecord } from './bundle.js';
import { canonicalBytes } from './canonical.js';
import type { Certificate } from './certificate-document.js';
import type { VerificationCode } from './falsehood.js';
import { expectThat, Falsehood } from './falsehood.js';
import { expectEqual } from './level-one.js';
import { openCheckpoint, parseLogProof, verifyLogProof } from './log-checkpoint.js';
import type { LogFalsehoodCode } from './log-falsehood.js';
import { LogFalsehood } from './log-falsehood.js';
import type { Signed } from './log-note.js';
import { parseNoteKey } from './log-note.js';

/** Where a decision was found. */
export interface FoundRecord {
  readonly origin: string;
  readonly index: number;
  /** How many entries the checkpoint is over. */
  readonly size: number;
}

/** The canonical bytes of the log's entry: the certificate, and what the entry says beside it. */
export function entryBytes(certificate: Certificate, { entry }: DecisionRecord): Uint8Array {
  return canonicalBytes({ type: 'caio/entry/v1', kind: 'decision', ...entry, certificate });
}

/** That the log of `key` has the decision, and where. */
export async function checkRecorded(
  certificate: Certificate,
  record: DecisionRecord,
  key: string,
): Promise<FoundRecord> {
  checkAttempt(certificate, record);
  const found = await inLog('/record/proof', async () => {
    const { index, checkpoint } = await verifyLogProof(entryBytes(certificate, record), record.proof, key);
    return { origin: checkpoint.origin, index, size: checkpoint.size };
  });
  const plain = parseLogProof(record.proof).extra === undefined;
  expectThat(plain, 'proof_malformed', '/record/proof', 'a proof without extra data');
  const { as_of: asOf } = certificate.inputs.state;
  expectThat(asOf <= found.index, 'index_wrong', '/inputs/state/as_of', `at most the index, ${found.index}`);
  return found;
}

/** INV-CAIO-LOG-0003: the attempt that rides in a decision is the one at the selected service. */
function checkAttempt({ outcome }: Certificate, { entry }: DecisionRecord): void {
  if (entry.attempt === undefined) return;
  const expected = outcome.decision === 'routed' ? { rank: 0, service: outcome.selected } : undefined;
  expectEqual('record_wrong', '/record/entry/attempt', expected, entry.attempt);
}

/** That at least `quorum` of the witnesses cosigned the checkpoint of the proof: which of them, and when as they say. */
export function checkWitnessed(
  record: DecisionRecord,
  key: string,
  witnesses: readonly string[],
  quorum: number,
): Promise<readonly Signed[]> {
  return inLog('/record/proof', async () => {
    const { checkpoint } = parseLogProof(record.proof);
    const { witnesses: cosigned } = await openCheckpoint(checkpoint, key, witnesses, Math.max(quorum, 1));
    return cosigned;
  });
}

/** What is false about the log is false about the bundle. */
async function inLog<T>(path: string, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    const code = error instanceof LogFalsehood ? codeOf(error.code) : undefined;
    if (code === undefined) throw error;
    throw new Falsehood(code, path, (error as LogFalsehood).message);
  }
}

/** Undefined for what is said of tiles and bundles of entries, which are not looked at here. */
function codeOf(code: LogFalsehoodCode): VerificationCode | undefined {
  switch (code) {
    case 'tile_missing':
    case 'tile_malformed':
    case 'tile_wrong':
    case 'bundle_malformed':
      return undefined;
    default:
      return code;
  }
}

/** That each is the key of a witness. Throws the Falsehood `key_malformed`. */
export async function checkWitnessKeys(witnesses: readonly string[]): Promise<void> {
  for (const witness of witnesses) {
    const { algorithm } = await inLog('', async () => parseNoteKey(witness));
    expectThat(algorithm === 4, 'key_malformed', '', `a key of a witness (algorithm 4), found ${witness}`);
  }
}
