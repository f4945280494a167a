import { digestFromBytes } from '../../kernel/digest.js';
import { leafHash } from '../../kernel/merkle.js';
import { decodeEntry } from '../../log/entry-codec.js';
import { type CommandIo, tell } from '../io.js';
import type { LogSource } from '../log-source/log-source.js';
import { readEntryBytesOf } from '../log-source/read-entries.js';
import { naturalOption } from './natural-option.js';
import { proofOf, provenPath } from './prove.js';

export interface EntryOptions {
  readonly proof?: boolean;
  readonly key?: string;
  readonly json?: boolean;
}

/** One entry, shown to stand at its index under the source's root; with `--proof` under its signed checkpoint, and the proof with it. */
export async function showEntry(
  source: LogSource,
  text: string,
  options: EntryOptions,
  io: CommandIo,
): Promise<void> {
  const index = naturalOption(text, 'the index');
  const { size, root } = await source.head();
  const path = await provenPath(source, index, size, Buffer.from(root, 'hex'));
  const bytes = await readEntryBytesOf(source, index);
  const entry = decodeEntry(bytes, index);
  const proof = options.proof === true ? await proofOf(source, index, options) : undefined;
  const leaf = digestFromBytes(leafHash(bytes));
  const report = {
    index,
    leaf,
    size,
    root,
    path: path.length,
    ...(proof === undefined ? {} : { proof }),
    entry,
  };
  const pretty = `${JSON.stringify(entry, undefined, 2)}\n`;
  tell(io, options.json, report, proof === undefined ? pretty : `${pretty}\n${proof}`);
}
