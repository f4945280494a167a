// The files that git tracks below a folder: what a clone will have, whatever else lies about.
import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of regular files, relative to the folder, with slashes. @param {string} folder @returns {string[]} */
export function trackedFiles(folder) {
  const run = spawnSync('git', ['ls-files', '-z'], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`git ls-files: ${run.error?.message ?? run.stderr}`);
  return run.stdout.split('\0').filter((path) => path !== '' && isFile(join(folder, path)));
}

/** The text of a file; undefined when it is no text. @param {string} path */
export function textOf(path) {
  const bytes = readFileSync(path);
  return bytes.includes(0) ? undefined : bytes.toString('utf8');
}

function isFile(path) {
  // A file that was removed and not yet committed is listed, too.
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
