import { describe, expect, test } from 'vitest';
import { witnessStore } from '../../../src/cli/witness-store.js';
import { leafHash } from '../../../src/kernel/merkle.js';
import { keyAlgorithm } from '../../../src/kernel/verifier-key.js';
import { memoryStorage } from '../../../src/log/drivers/memory.js';
import { formatAddCheckpoint, parseCosignatureLines } from '../../../src/log/tlog/add-checkpoint.js';
import { signCheckpoint, verifyCheckpoint } from '../../../src/log/tlog/checkpoint.js';
import { parseNoteText } from '../../../src/log/tlog/note.js';
import { signingKeyOf, verifierKeyDocument } from '../../../src/proofs/signing-key.js';
import { checkpointSigner } from '../../../src/server/open-server-log.js';
import { consistencyPath, treeHash } from '../../../src/verifier/log-tree.js';
import type { WitnessStore } from '../../../src/witness/store.js';
import { Witness } from '../../../src/witness/witness.js';

const keyOf = (name: string, byte: number, algorithm: 1 | 4) => {
  const key = signingKeyOf(name, new Uint8Array(32).fill(byte), algorithm);
  if (!key.ok) throw new Error(key.error.message);
  return key.value;
};
const logKey = keyOf('log.example', 1, keyAlgorithm.ed25519);
const otherKey = keyOf('log.example', 2, keyAlgorithm.ed25519);
const witnessKey = keyOf('witness.example', 3, keyAlgorithm.cosignature);

/** Hashes of a log; two logs of other names differ from the entry `from` on. */
const hashesOf = (size: number, name = 'a', from = 0): Uint8Array[] =>
  Array.from({ length: size }, (_, i) => leafHash(Buffer.from(`entry ${i} ${i < from ? '' : name}`)));

interface Submission {
  readonly size: number;
  readonly old?: number;
  readonly hashes?: readonly Uint8Array[];
  readonly proof?: readonly Uint8Array[];
  readonly key?: typeof logKey;
}
function checkpointText({ size, hashes = hashesOf(size), key = logKey }: Submission): string {
  return signCheckpoint(size, treeHash(hashes), checkpointSigner(key));
}
function submission(of: Submission): Uint8Array {
  const { size, old = 0, hashes = hashesOf(size) } = of;
  const proof = of.proof ?? consistencyPath(old, hashes);
  return Buffer.from(formatAddCheckpoint({ oldSize: old, proof, checkpoint: checkpointText(of) }));
}
const witnessOver = (store: WitnessStore) =>
  new Witness({ key: witnessKey, logs: [verifierKeyDocument(logKey)], store, seconds: () => 1_700_000_000n });
const fresh = () => witnessOver(witnessStore(memoryStorage()));
async function havingSigned(sizes: readonly number[]): Promise<Witness> {
  const witness = fresh();
  let old = 0;
  for (const size of sizes) {
    expect((await witness.addCheckpoint(submission({ size, old }))).status).toBe(200);
    old = size;
  }
  return witness;
}

describe('a witness', () => {
  test('answers a checkpoint that goes on from the one before with its cosignature', async () => {
    const witness = await havingSigned([3]);
    const { status, type, body } = await witness.addCheckpoint(submission({ size: 10, old: 3 }));
    expect([status, type]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(parseCosignatureLines(Buffer.from(body)).ok).toBe(true);
    const note = parseNoteText(checkpointText({ size: 10 }) + body);
    const opened = note.ok
      ? verifyCheckpoint(note.value, verifierKeyDocument(logKey), [verifierKeyDocument(witnessKey)])
      : note;
    expect(opened).toMatchObject({ ok: true, value: { size: 10, cosigned: [{ seconds: 1_700_000_000n }] } });
  });

  test('cosigns the same checkpoint again', async () => {
    const witness = await havingSigned([7]);
    expect((await witness.addCheckpoint(submission({ size: 7, old: 7 }))).status).toBe(200);
  });

  const forged = [leafHash(Buffer.from('x'))];
  test.each<[string, number, Submission]>([
    ['a log that it does not know: 404', 404, { size: 5, key: keyOf('unknown.example', 1, 1) }],
    ['another key under the name of the log: 403', 403, { size: 5, old: 4, key: otherKey }],
    ['a size below the old one: 400', 400, { size: 3, old: 4, proof: [] }],
    ['an old size that it has passed: 409', 409, { size: 9, old: 2 }],
    ['an old size that it has not come to: 409', 409, { size: 9, old: 6 }],
    ['a beginning, when it has begun: 409', 409, { size: 9, old: 0 }],
    ['the same size with other entries: 409', 409, { size: 4, old: 4, hashes: hashesOf(4, 'b'), proof: [] }],
    ['a log that forks: 422', 422, { size: 9, old: 4, hashes: hashesOf(9, 'b') }],
    [
      'a proof that is too long: 422',
      422,
      { size: 9, old: 4, proof: [...consistencyPath(4, hashesOf(9)), ...forged] },
    ],
    ['no proof where there must be one: 422', 422, { size: 9, old: 4, proof: [] }],
  ])('refuses %s', async (_, status, of) => {
    const witness = await havingSigned([2, 4]);
    const answer = await witness.addCheckpoint(submission(of));
    expect(answer.status).toBe(status);
    if (status === 409) expect([answer.type, answer.body]).toEqual(['text/x.tlog.size', '4\n']);
    // It remembers what it did.
    expect((await witness.addCheckpoint(submission({ size: 9, old: 4 }))).status).toBe(200);
  });

  test('refuses a proof with the first checkpoint: 422', async () => {
    expect((await fresh().addCheckpoint(submission({ size: 5, proof: forged }))).status).toBe(422);
  });

  test.each([
    '',
    'old 0\n',
    'old 00\n\nx\n',
    'old -1\n\nx\n',
    'old 0\nnot base64\n\nx\n',
    `old 0\n${'A'.repeat(43)}=\n`.repeat(2),
  ])('refuses what is no submission: 400 (%j)', async (body) => {
    expect((await fresh().addCheckpoint(Buffer.from(body))).status).toBe(400);
  });

  test('cosigns one of two that are submitted at once, and tells the other the new size', async () => {
    const witness = await havingSigned([4]);
    const answers = await Promise.all([
      witness.addCheckpoint(submission({ size: 9, old: 4 })),
      witness.addCheckpoint(submission({ size: 8, old: 4 })),
      witness.addCheckpoint(submission({ size: 12, old: 4, hashes: hashesOf(12, 'b', 4) })),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 409, 409]);
    expect(answers.slice(1).map(({ body }) => body)).toEqual(['9\n', '9\n']);
  });

  test('cosigns one of two when two processes have its store', async () => {
    const store = witnessStore(memoryStorage());
    const witnesses = [witnessOver(store), witnessOver(store)];
    const answers = await Promise.all([
      witnesses[0]?.addCheckpoint(submission({ size: 5 })),
      witnesses[1]?.addCheckpoint(submission({ size: 6, hashes: hashesOf(6, 'b') })),
    ]);
    expect(answers.map((answer) => answer?.status).sort()).toEqual([200, 409]);
  });

  test('gives no cosignature that it could not remember', async () => {
    const storage = memoryStorage();
    const failing = { ...witnessStore(storage), replace: () => Promise.reject(new Error('disk')) };
    await expect(witnessOver(failing).addCheckpoint(submission({ size: 5 }))).rejects.toThrow('disk');
    expect((await witnessOver(witnessStore(storage)).addCheckpoint(submission({ size: 6 }))).status).toBe(
      200,
    );
  });

  test('goes on for one log while another is refused', async () => {
    const second = keyOf('second.example', 9, 1);
    const logs = [logKey, second].map(verifierKeyDocument);
    const store = witnessStore(memoryStorage());
    const witness = new Witness({ key: witnessKey, logs, store, seconds: () => 1n });
    expect((await witness.addCheckpoint(submission({ size: 5 }))).status).toBe(200);
    expect((await witness.addCheckpoint(submission({ size: 3, key: second }))).status).toBe(200);
    expect((await witness.addCheckpoint(submission({ size: 7, old: 3, key: second }))).status).toBe(200);
    expect((await witness.addCheckpoint(submission({ size: 8, old: 5 }))).status).toBe(200);
  });
});
