import type { Bundle, DecisionRecord } from '../../src/contracts/bundle.js';
import { keyAlgorithm } from '../../src/kernel/verifier-key.js';
import { batchOf } from '../../src/log/batch.js';
import { memoryStorage } from '../../src/log/drivers/memory.js';
import { type DecisionEntry, type ErasureEntry, entryType } from '../../src/log/entry.js';
import { proveEntry } from '../../src/log/prove-entry.js';
import { publish } from '../../src/log/published.js';
import { cosignedBytes, formatCosignature } from '../../src/log/tlog/cosignature.js';
import { emptyFrontier } from '../../src/log/tlog/frontier.js';
import { formatSignatureLine } from '../../src/log/tlog/note.js';
import { type SigningKey, signingKeyOf, verifierKeyOf } from '../../src/proofs/signing-key.js';
import { checkpointSigner } from '../../src/server/open-server-log.js';
import { type BaseDecision, baseDecisions, bundleOf, key } from './base-decisions.js';

const made = ['one', 'two', 'three'].map((name, i) => {
  const witness = signingKeyOf(`${name}.example`, new Uint8Array(32).fill(30 + i), keyAlgorithm.cosignature);
  if (!witness.ok) throw new Error(witness.error.message);
  return witness.value;
});
export const witnessKeys = made.map(verifierKeyOf);

export function cosign(witness: SigningKey, checkpoint: string, seconds: bigint): string {
  const text = checkpoint.slice(0, checkpoint.lastIndexOf('\n\n') + 1);
  const signature = witness.sign(cosignedBytes(seconds, text));
  const { name, hash } = witness;
  return formatSignatureLine({ name, hash, bytes: formatCosignature({ seconds, signature }) });
}

const filler: ErasureEntry = {
  type: entryType,
  kind: 'erasure',
  time: 1,
  author: { method: 'local', key_id: 'setup' },
  action: 'hold',
};

/** A log with the decision at `index` of 300 entries, and its record there, cosigned by the first witnesses. */
export async function recordedAt(
  { certificate }: BaseDecision,
  index: number,
  cosigned: number,
): Promise<DecisionRecord> {
  const { outcome, inputs } = certificate;
  const attempt = outcome.decision === 'routed' ? { attempt: { rank: 0, service: outcome.selected } } : {};
  const entry: DecisionEntry = {
    type: entryType,
    kind: 'decision',
    time: inputs.time,
    certificate,
    ...attempt,
  };
  const entries = Array.from({ length: 300 }, (_, i) => (i === index ? entry : { ...filler, time: i }));
  const storage = memoryStorage();
  const { batch, frontier } = batchOf(entries, emptyFrontier);
  await storage.commit(undefined, batch);
  const published = publish(frontier, checkpointSigner(key));
  const lines = made
    .slice(0, cosigned)
    .map((witness, i) => cosign(witness, published.checkpoint, BigInt(9 + i)));
  const checkpoint = published.checkpoint + lines.join('');
  return {
    entry: { time: inputs.time, ...attempt },
    proof: await proveEntry(storage, index, { ...published, checkpoint }),
  };
}

const records = new Map(
  await Promise.all(
    baseDecisions.map(async (base) => [base.name, await recordedAt(base, base.state.as_of + 3, 2)] as const),
  ),
);

/** A bundle of level 4 or 5 with cosignatures of the first two of three witnesses. */
export function recordedBundle(base: BaseDecision, level: 4 | 5): Bundle {
  const record = records.get(base.name);
  if (record === undefined) throw new Error(base.name);
  return bundleOf(base, { level, record });
}
