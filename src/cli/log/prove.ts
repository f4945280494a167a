import { encodeBase64 } from '../../kernel/base64.js';
import { digestFromBytes } from '../../kernel/digest.js';
import { leafHash } from '../../kernel/merkle.js';
import { formatAddCheckpoint } from '../../log/tlog/add-checkpoint.js';
import { proveConsistency, verifyConsistency } from '../../log/tlog/consistency.js';
import { proveInclusion, verifyInclusion } from '../../log/tlog/inclusion.js';
import { formatTlogProof } from '../../log/tlog/tlog-proof.js';
import { CommandFailure } from '../failure.js';
import { readText, writeText } from '../files.js';
import { type CommandIo, tell } from '../io.js';
import type { LogSource } from '../log-source/log-source.js';
import { readEntryBytesOf } from '../log-source/read-entries.js';
import { naturalOption } from './natural-option.js';
import { orFailure, rootAt } from './tlog-failure.js';
import { trustedHead } from './trusted-head.js';

export interface ProveOptions {
  readonly size?: string;
  readonly checkpoint?: string;
  readonly from?: string;
  readonly to?: string;
  readonly key?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export async function prove(
  source: LogSource,
  index: string | undefined,
  options: ProveOptions,
  io: CommandIo,
): Promise<void> {
  if ((index === undefined) === (options.from === undefined)) {
    const hint =
      'caio log prove 17 proves an entry; caio log prove --from 100 [--to 200] that the log only grew.';
    throw new CommandFailure('usage', 'Give either the index of an entry or --from.', [], hint);
  }
  if (index !== undefined) return proveEntry(source, naturalOption(index, 'the index'), options, io);
  return proveGrowth(source, options, io);
}

async function proveEntry(
  source: LogSource,
  index: number,
  options: ProveOptions,
  io: CommandIo,
): Promise<void> {
  const text = await proofOf(source, index, options);
  if (options.out !== undefined) {
    await writeText(options.out, text);
    tell(io, options.json, { index, file: options.out }, `${options.out}: entry ${index}\n`);
  } else tell(io, options.json, { index, proof: text }, text);
}

/** A C2SP tlog-proof of the entry under the checkpoint given, or the source's of the size given, verified before it is returned. */
export async function proofOf(
  source: LogSource,
  index: number,
  options: Pick<ProveOptions, 'size' | 'checkpoint' | 'key'>,
): Promise<string> {
  const head = await trustedHead(
    source,
    options.key,
    await checkpointIn(source, options.checkpoint, options.size),
  );
  const path = await provenPath(source, index, head.size, head.root);
  return formatTlogProof({ index, path, checkpoint: head.checkpoint });
}

/** The inclusion path of an entry whose bytes the source gives; checked against the root. */
export async function provenPath(
  source: LogSource,
  index: number,
  size: number,
  root: Uint8Array,
): Promise<readonly Uint8Array[]> {
  const what = `entry ${index} at size ${size}`;
  const path = orFailure(await proveInclusion(source, index, size), what);
  const leaf = leafHash(await readEntryBytesOf(source, index));
  orFailure(verifyInclusion(root, size, index, leaf, path), what);
  return path;
}

async function checkpointIn(
  source: LogSource,
  file: string | undefined,
  size: string | undefined,
): Promise<string> {
  if (file !== undefined) return readText(file, 'Checkpoint');
  return source.checkpoint(size === undefined ? undefined : await sizeIn(source, size, '--size'));
}

async function sizeIn(source: LogSource, text: string, option: string): Promise<number> {
  return naturalOption(text, option, (await source.head()).size);
}

/** That the log of `--to` entries begins with that of `--from`; in text as a witness takes it (C2SP tlog-witness, add-checkpoint). */
async function proveGrowth(source: LogSource, options: ProveOptions, io: CommandIo): Promise<void> {
  const from = await sizeIn(source, options.from as string, '--from');
  const to = options.to === undefined ? (await source.head()).size : await sizeIn(source, options.to, '--to');
  const what = `from ${from} to ${to} entries`;
  const proof = orFailure(await proveConsistency(source, from, to), what);
  const [before, after] = [await rootAt(source, from), await rootAt(source, to)];
  orFailure(verifyConsistency(from, to, before, after, proof), what);
  const report = {
    from,
    to,
    root_from: digestFromBytes(before),
    root_to: digestFromBytes(after),
    proof: proof.map(encodeBase64),
  };
  const text = async () => {
    const head = await trustedHead(
      source,
      options.key,
      await checkpointIn(source, options.checkpoint, String(to)),
    );
    if (head.size !== to || digestFromBytes(head.root) !== report.root_to) {
      throw new CommandFailure(
        'verification_failed',
        `The checkpoint is not that of the ${to} entries of ${source.place}.`,
      );
    }
    return formatAddCheckpoint({ oldSize: from, proof, checkpoint: head.checkpoint });
  };
  if (options.out !== undefined) {
    await writeText(options.out, await text());
    tell(io, options.json, { ...report, file: options.out }, `${options.out}: ${what}\n`);
  } else tell(io, options.json, report, options.json === true ? '' : await text());
}
