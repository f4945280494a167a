// Tiles, bundles, notes and proofs against golang.org/x/mod/sumdb/{tlog,note}: each side writes logs, the other reads them, and a
// changed byte is refused by both.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { leafHash } from '../../src/kernel/merkle.ts';
import { parseVerifierKey } from '../../src/kernel/verifier-key.ts';
import { memoryStorage } from '../../src/log/drivers/memory.ts';
import { entryKey } from '../../src/log/index-rows.ts';
import { headOf, publish } from '../../src/log/published.ts';
import { storedTiles, treeBlobs } from '../../src/log/stored-tiles.ts';
import { verifyCheckpoint } from '../../src/log/tlog/checkpoint.ts';
import { proveConsistency, verifyConsistency } from '../../src/log/tlog/consistency.ts';
import { parseBundle } from '../../src/log/tlog/entry-bundle.ts';
import { emptyFrontier, grow } from '../../src/log/tlog/frontier.ts';
import { proveInclusion, verifyInclusion } from '../../src/log/tlog/inclusion.ts';
import { parseNote } from '../../src/log/tlog/note.ts';
import { tilesOf, tileWidth } from '../../src/log/tlog/tile.ts';
import { bundlePath, tilePath } from '../../src/log/tlog/tile-path.ts';
import { readHashes } from '../../src/log/tlog/tile-reader.ts';
import { treeRoot } from '../../src/log/tlog/tree-root.ts';
import { formatSigningKey, signingKeyOf, verifierKeyOf } from '../../src/proofs/signing-key.ts';
import { openCheckpoint } from '../../src/verifier/log-checkpoint.ts';
import {
  bundlesOf,
  entriesOfBundle,
  entryHashesOf,
  tilePath as referencePath,
} from '../../src/verifier/log-tiles.ts';
import { entryHash, sameBytes, treeHash } from '../../src/verifier/log-tree.ts';
import { goProgram } from './go-program.mjs';

const sizes = [1, 2, 255, 256, 257, 300, 1000, 66_000];
const flippedSize = 300;
const must = (result) => {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
};
// A key for tests, known to everybody.
const key = must(signingKeyOf('caio.example/log1', new Uint8Array(32).fill(1)));
const signer = { name: key.name, hash: key.hash, sign: (text) => key.sign(Buffer.from(text)) };
const vkey = verifierKeyOf(key);
const verifierKey = must(parseVerifierKey(vkey));
const encoded = (hashes) => hashes.map((hash) => Buffer.from(hash).toString('base64'));
const decoded = (texts) => texts.map((text) => Buffer.from(text, 'base64'));

function write(folder, path, bytes) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}

function bundleNames(size) {
  const count = Math.ceil(size / tileWidth);
  return Array.from({ length: count }, (_, index) => ({
    index,
    width: Math.min(tileWidth, size - tileWidth * index),
  }));
}

/** A log of our own, grown in batches through the storage port, as files. */
async function writeOurs(folder, size) {
  const storage = memoryStorage();
  let frontier = emptyFrontier;
  while (frontier.size < size) {
    const from = frontier.size;
    const entries = Array.from({ length: Math.min(997, size - from) }, (_, i) =>
      Buffer.from(`entry-${from + i}`),
    );
    const growth = grow(frontier, entries.map(leafHash));
    const blobs = entries.map((bytes, i) => ({ key: entryKey(from + i), bytes }));
    const batch = { head: headOf(growth.frontier), blobs: [...blobs, ...treeBlobs(growth)], index: [] };
    const outcome = await storage.commit(from === 0 ? undefined : headOf(frontier), batch);
    if (outcome !== 'committed') throw new Error(outcome);
    frontier = growth.frontier;
  }
  const tiles = storedTiles(storage, size);
  for (const tile of tilesOf(size)) write(folder, tilePath(tile), await tiles.readTile(tile));
  for (const bundle of bundleNames(size)) write(folder, bundlePath(bundle), await tiles.readBundle(bundle));
  write(folder, 'checkpoint', publish(frontier, signer).checkpoint);
  const included = [];
  const grown = [];
  for (const index of new Set([0, Math.floor(size / 3), Math.floor(size / 2), size - 1])) {
    included.push({ index, path: encoded(must(await proveInclusion(tiles, index, size))) });
    const before = index + 1;
    const [root] = encoded([must(await treeRoot(tiles, before))]);
    grown.push({ before, root, proof: encoded(must(await proveConsistency(tiles, before, size))) });
  }
  write(folder, 'proofs.json', JSON.stringify({ included, grown }));
}

/** Reads a log with the engine; throws the first thing that is wrong. */
async function readWithEngine(folder) {
  const file = (path) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : undefined);
  const { size, root } = must(verifyCheckpoint(must(parseNote(file('checkpoint'))), verifierKey));
  const tiles = { readTile: async (tile) => file(tilePath(tile)) };
  if (Buffer.compare(must(await treeRoot(tiles, size)), root) !== 0)
    throw new Error('the tiles have another root');
  const leaves = [];
  for (const tile of tilesOf(size)) {
    const hashes = must(await readHashes(tiles, tile));
    if (tile.level === 0) leaves.push(...hashes);
  }
  const { frontier, tiles: full } = grow(emptyFrontier, leaves);
  if (Buffer.compare(Buffer.from(headOf(frontier).root, 'hex'), root) !== 0)
    throw new Error('the leaves have another root');
  for (const { level, index, bytes } of full) {
    if (Buffer.compare(bytes, file(tilePath({ level, index, width: tileWidth }))) !== 0)
      throw new Error('a tile is another');
  }
  for (const bundle of bundleNames(size)) {
    for (const [i, entry] of must(parseBundle(file(bundlePath(bundle)), bundle.width)).entries()) {
      const leaf = leaves[tileWidth * bundle.index + i];
      if (Buffer.compare(leafHash(entry), leaf) !== 0) throw new Error('an entry is another');
    }
  }
  const { included, grown } = JSON.parse(file('proofs.json').toString());
  for (const { index, path } of included)
    must(verifyInclusion(root, size, index, leaves[index], decoded(path)));
  for (const { before, root: earlier, proof } of grown) {
    must(verifyConsistency(before, size, decoded([earlier])[0], root, decoded(proof)));
  }
  return included.length + grown.length;
}

/** The same with the reference, which looks at all tiles and entries. */
async function readWithReference(folder) {
  const read = async (path) =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : undefined;
  const { size, root } = await openCheckpoint(await read('checkpoint'), vkey);
  const hashes = await entryHashesOf(size, read);
  if (!sameBytes(treeHash(hashes), root)) throw new Error('the tiles have another root');
  for (const name of bundlesOf(size)) {
    for (const [i, entry] of entriesOfBundle(name, await read(referencePath(name))).entries()) {
      if (!sameBytes(entryHash(entry), hashes[256 * name.index + i])) throw new Error('an entry is another');
    }
  }
}

const rejects = (promise) =>
  promise.then(
    () => false,
    () => true,
  );

/** @param {string} scratch */
export async function tlogOracle(scratch) {
  const program = goProgram('tlog', 'golang.org/x/mod/sumdb/tlog', scratch);
  if ('missing' in program) return program;
  const go = (...args) => spawnSync(program.binary, args, { encoding: 'utf8' });
  const findings = [];
  const seen = {
    'logs of ours': 0,
    "logs of Go's": 0,
    'files the same': 0,
    proofs: 0,
    'changed bytes': 0,
    'changed proofs': 0,
  };

  for (const size of sizes) {
    const [ours, theirs] = [join(scratch, `ours-${size}`), join(scratch, `theirs-${size}`)];
    await writeOurs(ours, size);
    const checked = go('check', ours, vkey);
    if (checked.status !== 0) findings.push(`Go refuses our log of ${size}: ${checked.stderr.trim()}`);
    seen['logs of ours'] += 1;
    const made = go('make', theirs, formatSigningKey(key), String(size));
    if (made.status !== 0) throw new Error(made.stderr);
    try {
      seen.proofs += await readWithEngine(theirs);
      await readWithReference(theirs);
    } catch (error) {
      findings.push(`we refuse Go's log of ${size}: ${error.message}`);
    }
    seen["logs of Go's"] += 1;
    // Go also writes the partial tiles of smaller sizes.
    for (const file of logFiles(ours)) {
      const other = join(theirs, file.slice(ours.length));
      const same = existsSync(other) && readFileSync(file).equals(readFileSync(other));
      if (!same) findings.push(`our ${file.slice(ours.length + 1)} of ${size} entries is not Go's`);
      seen['files the same'] += 1;
    }
  }

  const folder = join(scratch, `ours-${flippedSize}`);
  for (const file of logFiles(folder)) {
    const good = readFileSync(file);
    const step = file.endsWith('checkpoint') ? 1 : 61;
    for (let at = 0; at < good.length; at += step) {
      const bad = Buffer.from(good);
      // Not the lowest bits: in the last character of base64 they mean nothing to Go's decoder.
      bad[at] ^= 0x10;
      writeFileSync(file, bad);
      const where = `byte ${at} of ${file.slice(folder.length + 1)} changed`;
      if (go('check', folder, vkey).status === 0) findings.push(`Go accepts ${where}`);
      if (!(await rejects(readWithEngine(folder)))) findings.push(`the engine accepts ${where}`);
      if (!(await rejects(readWithReference(folder)))) findings.push(`the reference accepts ${where}`);
      seen['changed bytes'] += 1;
    }
    writeFileSync(file, good);
  }
  await changeProofs(folder, go, findings, seen);
  if (go('check', folder, vkey).status !== 0) findings.push('the log is not as it was');
  return { findings, seen };
}

function logFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'proofs.json')
    .map((entry) => join(entry.parentPath, entry.name));
}

async function changeProofs(folder, go, findings, seen) {
  const file = join(folder, 'proofs.json');
  const text = readFileSync(file, 'utf8');
  for (const hash of new Set(text.match(/[A-Za-z0-9+/]{43}=/g))) {
    const bytes = Buffer.from(hash, 'base64');
    bytes[13] ^= 0x10;
    writeFileSync(file, text.replaceAll(hash, bytes.toString('base64')));
    if (go('check', folder, vkey).status === 0) findings.push(`Go accepts a changed proof hash ${hash}`);
    if (!(await rejects(readWithEngine(folder))))
      findings.push(`the engine accepts a changed proof hash ${hash}`);
    seen['changed proofs'] += 1;
  }
  writeFileSync(file, text);
}
