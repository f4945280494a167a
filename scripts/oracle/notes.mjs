// Proofs of entries under cosigned checkpoints, and receipts: golang.org/x/mod/sumdb opens ours, and a changed byte is refused by it and by us.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leafHash } from '../../src/kernel/merkle.ts';
import { keyAlgorithm, parseVerifierKey } from '../../src/kernel/verifier-key.ts';
import { batchOf } from '../../src/log/batch.ts';
import { memoryStorage } from '../../src/log/drivers/memory.ts';
import { proveEntry } from '../../src/log/prove-entry.ts';
import { publish } from '../../src/log/published.ts';
import { readEntryBytes } from '../../src/log/read-entry.ts';
import { openReceipt, signReceipt } from '../../src/log/receipt.ts';
import { cosignedBytes, formatCosignature } from '../../src/log/tlog/cosignature.ts';
import { emptyFrontier } from '../../src/log/tlog/frontier.ts';
import { formatSignatureLine } from '../../src/log/tlog/note.ts';
import { parseTlogProof, verifyTlogProof } from '../../src/log/tlog/tlog-proof.ts';
import { signingKeyOf, verifierKeyOf } from '../../src/proofs/signing-key.ts';
import { verifyLogProof } from '../../src/verifier/log-checkpoint.ts';
import { goProgram } from './go-program.mjs';

const must = (result) => {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
};
// Keys for tests, known to everybody.
const key = must(signingKeyOf('caio.example/log1', new Uint8Array(32).fill(1)));
const witness = must(signingKeyOf('witness.example', new Uint8Array(32).fill(2), keyAlgorithm.cosignature));
const signer = { name: key.name, hash: key.hash, sign: (text) => key.sign(Buffer.from(text)) };
const vkey = verifierKeyOf(key);
const verifierKey = must(parseVerifierKey(vkey));
const size = 300;

/** A checkpoint of ours with the line of a witness behind that of the log. */
function cosigned({ checkpoint }) {
  const text = checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1);
  const seconds = 1_700_000_000n;
  const signature = witness.sign(cosignedBytes(seconds, text));
  const { name, hash } = witness;
  return checkpoint + formatSignatureLine({ name, hash, bytes: formatCosignature({ seconds, signature }) });
}

async function proofsOfOurs() {
  const storage = memoryStorage();
  const author = { method: 'local', key_id: 'setup' };
  const entries = Array.from({ length: size }, (_, time) => ({
    ...{ type: 'caio/entry/v1', kind: 'erasure', action: 'hold' },
    author,
    time,
  }));
  const { batch, frontier } = batchOf(entries, emptyFrontier);
  await storage.commit(undefined, batch);
  const checkpoint = cosigned(publish(frontier, signer));
  const indexes = [0, 1, 99, 255, 256, size - 1];
  return Promise.all(
    indexes.map(async (index) => ({
      entry: await readEntryBytes(storage, index),
      proof: await proveEntry(storage, index, { size, checkpoint }),
    })),
  );
}

const refuses = (promise) =>
  promise.then(
    () => false,
    () => true,
  );

/** @param {string} scratch */
export async function notesOracle(scratch) {
  const program = goProgram('tlog', 'golang.org/x/mod/sumdb/tlog', scratch);
  if ('missing' in program) return program;
  const [file, entryFile] = [join(scratch, 'proof'), join(scratch, 'entry')];
  const go = (...args) => spawnSync(program.binary, args, { encoding: 'utf8' }).status === 0;
  const findings = [];
  const seen = { 'proofs of ours': 0, receipts: 0, 'changed bytes': 0 };
  const proofs = await proofsOfOurs();
  for (const { entry, proof } of proofs) {
    writeFileSync(file, proof);
    writeFileSync(entryFile, entry);
    if (!go('proof', file, entryFile, vkey)) findings.push(`Go refuses our proof\n${proof}`);
    await verifyLogProof(entry, proof, vkey, [verifierKeyOf(witness)], 1);
    seen['proofs of ours'] += 1;
  }

  // What the witness says is not Go's to check: changes end before its line.
  const { entry, proof } = proofs[2];
  const text = Buffer.from(proof);
  const end = text.indexOf(`\n— ${witness.name}`);
  for (let at = 0; at < end; at += 1) {
    const bad = Buffer.from(text);
    bad[at] ^= 0x10;
    writeFileSync(file, bad);
    writeFileSync(entryFile, entry);
    if (go('proof', file, entryFile, vkey)) findings.push(`Go accepts byte ${at} of a proof changed`);
    const parsed = parseTlogProof(bad);
    if (parsed.ok && verifyTlogProof(parsed.value, leafHash(entry), verifierKey).ok) {
      findings.push(`the engine accepts byte ${at} of a proof changed`);
    }
    if (!(await refuses(verifyLogProof(entry, bad, vkey)))) {
      findings.push(`the reference accepts byte ${at} of a proof changed`);
    }
    seen['changed bytes'] += 1;
  }

  const receipt = signReceipt(
    { service: 'svc', number: 3, index: 17, decision: 'ab'.repeat(32), rank: 1 },
    signer,
  );
  const receiptBytes = Buffer.from(receipt);
  for (let at = -1; at < receiptBytes.length; at += 1) {
    const bytes = Buffer.from(receiptBytes);
    if (at >= 0) bytes[at] ^= 0x10;
    writeFileSync(file, bytes);
    const ours = openReceipt(readFileSync(file, 'utf8'), verifierKey).ok;
    const theirs = go('note', file, vkey);
    if (ours !== at < 0) findings.push(`we ${ours ? 'accept' : 'refuse'} a receipt, byte ${at} changed`);
    if (theirs !== at < 0)
      findings.push(`Go ${theirs ? 'accepts' : 'refuses'} a receipt, byte ${at} changed`);
    seen[at < 0 ? 'receipts' : 'changed bytes'] += 1;
  }
  return { findings, seen };
}
