import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built command as a user's shell would, in the project's folder, and waits for its end. */
export function caio(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: projectFolder,
      env: { PATH: process.env.PATH, NO_COLOR: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A command that should have ended must not outlive the tests.
      timeout: 25_000,
      killSignal: 'SIGKILL',
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', failed);
    child.on('close', (code) => done({ code, out, err }));
  });
}

/** A folder of its own for one test file; `dispose` removes it. */
export async function scratchFolder(): Promise<{
  readonly path: (name: string) => string;
  readonly dispose: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'caio-test-'));
  return { path: (name) => join(folder, name), dispose: () => rm(folder, { recursive: true, force: true }) };
}
