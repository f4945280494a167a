import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { readDocument } from '../contracts/document.js';
import type { ErrorCode, InvalidCode } from '../kernel/errors.js';
import { Fault } from '../kernel/errors.js';
import type { SourceDocument } from '../kernel/json.js';
import type { Problem } from '../kernel/problem.js';
import type { Result } from '../kernel/result.js';
import { decodeUtf8 } from '../kernel/utf8.js';
import { CommandFailure } from './failure.js';

const maximumBytes = 64 * 1024 * 1024;

/** Reads a text file; a missing file says which option named it. Bytes that are not UTF-8 are an error: replaced, they would be another text. */
export async function readText(path: string, what: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > maximumBytes) {
      throw new CommandFailure(
        'too_large',
        `${what} ${path} has ${size} bytes; the most is ${maximumBytes}.`,
      );
    }
    const text = decodeUtf8(await readFile(path));
    if (text.ok) return text.value;
    throw new CommandFailure('usage', `${what} ${path} is not UTF-8 text.`, [], 'Save it as UTF-8.');
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause;
    throw unreadable(cause, path, what);
  }
}

function unreadable(cause: unknown, path: string, what: string): Error {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') {
    const hint = what === 'Configuration' ? 'caio init <folder> makes one; --config names it.' : undefined;
    return new CommandFailure('not_found', `${what} ${path} does not exist.`, [], hint);
  }
  if (code === 'EISDIR') return new CommandFailure('usage', `${what} ${path} is a folder; name a file.`);
  if (code === 'ENOTDIR') return new CommandFailure('usage', `${what} ${path} is a file; name a folder.`);
  return new Fault('io_failed', `${what} ${path} could not be read (${code ?? 'unknown cause'}).`, {
    retryable: false,
    subject: path,
    cause,
  });
}

/**
 * Writes beside the target and renames, so that a reader never sees half a file. The file beside it is always a new one: what lies there, or a
 * link that somebody put there, would keep its own mode and get the secret.
 */
export async function writeText(path: string, text: string | Uint8Array, mode = 0o644): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}.new`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, text, { mode, flag: 'wx' });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new Fault('io_failed', `${path} could not be written (${(cause as NodeJS.ErrnoException).code}).`, {
      retryable: false,
      subject: path,
      cause,
    });
  }
}

function formatOf(path: string): 'json' | 'yaml' {
  return extname(path) === '.json' ? 'json' : 'yaml';
}

export interface Parsed<T> {
  readonly file: string;
  readonly value: T;
}

type Parser<T> = (document: SourceDocument) => Result<T, readonly Problem[]>;

/** Reads and parses one YAML or JSON file (by its ending; anything but .json is YAML); every problem names the file. */
export async function parseFile<T>(
  path: string,
  what: string,
  code: InvalidCode,
  parse: Parser<T>,
): Promise<T> {
  const text = await readText(path, what);
  const document = readDocument(text, formatOf(path));
  const parsed = document.ok ? parse(document.value) : document;
  if (parsed.ok) return parsed.value;
  throw invalidFile(path, what, code, parsed.error);
}

function invalidFile(
  file: string,
  what: string,
  code: ErrorCode,
  problems: readonly Problem[],
): CommandFailure {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new CommandFailure(
    code,
    `${what} ${file} has ${count}.`,
    problems.map((problem) => ({ ...problem, file })),
  );
}

/**
 * Parses every .yaml, .yml and .json file under a folder (or the one file named), in order of path. Problems of all files are reported together. A folder
 * without any such file is an error: it is nearly always a wrong path.
 */
export async function parseFolder<T>(
  folder: string,
  what: string,
  code: InvalidCode,
  parse: Parser<T>,
): Promise<readonly Parsed<T>[]> {
  const files = await listDocuments(folder, what);
  if (files.length === 0) {
    throw new CommandFailure('not_found', `${what} folder ${folder} holds no .yaml, .yml or .json file.`);
  }
  const parsed: Parsed<T>[] = [];
  const failures: CommandFailure[] = [];
  for (const file of files) {
    try {
      parsed.push({ file, value: await parseFile(file, what, code, parse) });
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      failures.push(error);
    }
  }
  if (failures.length === 1 && failures[0] !== undefined) throw failures[0];
  if (failures.length > 0) {
    const problems = failures.flatMap((failure) => failure.problems);
    throw new CommandFailure(
      code,
      `${failures.length} of ${files.length} files in ${folder} are invalid.`,
      problems,
    );
  }
  return parsed;
}

async function listDocuments(folder: string, what: string): Promise<readonly string[]> {
  try {
    if ((await stat(folder)).isFile()) return [folder];
    const names = await readdir(folder, { recursive: true });
    return names
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch (cause) {
    throw unreadable(cause, folder, what);
  }
}
