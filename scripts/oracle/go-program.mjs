// Builds the Go programs of this folder against the packages of Debian (golang-go, golang-golang-x-mod-dev), without a network.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const gopath = process.env.CAIO_ORACLE_GOPATH ?? '/usr/share/gocode';
const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * @param {string} name folder of the program @param {string} needs an import path that must be there
 * @param {string} scratch where the binary goes
 * @returns {{ binary: string } | { missing: string }} what is missing is a reason to skip; a program that does not build is thrown
 */
export function goProgram(name, needs, scratch) {
  if (spawnSync('go', ['version']).status !== 0) return { missing: 'Go is not installed (golang-go)' };
  if (!existsSync(join(gopath, 'src', needs))) {
    return { missing: `${needs} is not in ${gopath} (golang-golang-x-mod-dev)` };
  }
  const binary = join(scratch, name);
  const built = spawnSync('go', ['build', '-o', binary, '.'], {
    cwd: join(here, name),
    env: { ...process.env, GO111MODULE: 'off', GOPATH: gopath, GOCACHE: join(scratch, 'cache'), GOFLAGS: '' },
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`${name} does not build:\n${built.stderr}`);
  return { binary };
}
