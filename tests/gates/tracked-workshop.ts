import { spawnSync } from 'node:child_process';
import { inWorkshop } from './workshop.js';

/** Runs `use` in a new folder in which git tracks just `files`; `untracked` lie beside them. */
export function inTrackedWorkshop<T>(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => T,
  untracked: Readonly<Record<string, string>> = {},
): T {
  return inWorkshop({ ...files, ...untracked }, (folder) => {
    git(folder, 'init', '--quiet');
    const paths = Object.keys(files);
    if (paths.length > 0) git(folder, 'add', '--', ...paths);
    return use(folder);
  });
}

function git(folder: string, ...args: readonly string[]): void {
  const run = spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
}
