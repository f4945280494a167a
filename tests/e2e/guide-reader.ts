import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../support/caio-command.js';
import { type Act, firstMissing } from './guide-blocks.js';

/** Ports that guides name; each run has free ones in their place, so that it meets nobody. */
const ports = ['8080', '8090', '7301', '7302'];

/**
 * Does what a guide says, as its reader would: in a new folder that has the project's configs, examples and packages and `caio` on the
 * PATH. Gives what is not as the guide shows it, or nothing.
 */
export async function followGuide(acts: readonly Act[]): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'caio-guide-'));
  try {
    furnish(folder);
    const mark = randomUUID();
    const script = await withFreePorts(scriptOf(acts, mark));
    const { output, code } = await runShell(folder, script.text);
    return complaintOf(acts, script.restore(output).split(mark), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A folder that looks like a clone in which everything is built. */
function furnish(folder: string): void {
  for (const name of ['configs', 'examples'])
    cpSync(join(projectFolder, name), join(folder, name), { recursive: true });
  for (const name of ['node_modules', 'dist']) symlinkSync(join(projectFolder, name), join(folder, name));
  copyFileSync(join(projectFolder, 'package.json'), join(folder, 'package.json'));
  const bin = join(folder, '.bin');
  mkdirSync(bin);
  const main = join(projectFolder, 'dist', 'cli', 'main.js');
  writeFileSync(join(bin, 'caio'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  // As npx resolves the package that it is called in, without asking npm how.
  writeFileSync(join(bin, 'npx'), '#!/bin/sh\nexec "$@"\n');
  for (const name of ['caio', 'npx']) chmodSync(join(bin, name), 0o755);
}

function scriptOf(acts: readonly Act[], mark: string): string {
  const steps = acts.map((act) => {
    switch (act.kind) {
      case 'write':
        return `mkdir -p "$(dirname ${act.file})"\ncat > ${act.file} <<'${mark}'\n${act.text}${mark}`;
      case 'run':
        return act.command;
      case 'start':
        return startOf(act.command, act.shows.at(-1) ?? '');
      default:
        return act satisfies never;
    }
  });
  return `set -e -o pipefail\n${steps.map((step) => `${step}\necho '${mark}'\n`).join('')}`;
}

/** Runs it in the background and reads what it prints until the line that the guide shows last; then reads on, unseen. */
function startOf(command: string, until: string): string {
  const part = until
    .split('…')
    .reduce((longest, each) => (each.length > longest.length ? each : longest), '');
  return `exec {started}< <(${command.trimEnd()} 2>&1)
found=
while IFS= read -r -u "$started" line; do
  echo "$line"
  case "$line" in *'${part}'*) found=yes; break;; esac
done
test -n "$found"
cat <&"$started" > /dev/null &`;
}

async function runShell(folder: string, script: string): Promise<{ output: string; code: number | null }> {
  // Its own process group, so that whatever it leaves running ends with it.
  const shell = spawn('bash', ['-c', script], {
    cwd: folder,
    detached: true,
    env: {
      PATH: `${join(folder, '.bin')}:${process.env.PATH}`,
      HOME: folder,
      NO_COLOR: '1',
      LANG: 'C.UTF-8',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const closed = new Promise((resolve) => shell.on('close', resolve));
  // What a guide waits for in vain must not outlive the tests.
  const cutOff = setTimeout(() => shell.kill('SIGKILL'), 180_000);
  const code = await new Promise<number | null>((resolve) => shell.on('exit', resolve));
  clearTimeout(cutOff);
  try {
    process.kill(-(shell.pid as number), 'SIGKILL');
  } catch {
    // Nothing was left running.
  }
  await closed;
  return { output, code };
}

function complaintOf(
  acts: readonly Act[],
  outputs: readonly string[],
  code: number | null,
): string | undefined {
  for (const [at, act] of acts.entries()) {
    const output = outputs[at] ?? '';
    if (at >= outputs.length - 1) return `line ${act.line}: ended with ${code}:\n${output}`;
    const missing = act.kind === 'write' ? undefined : firstMissing(output, act.shows);
    if (missing !== undefined) return `line ${act.line}: does not show\n${missing}\nbut\n${output}`;
  }
  return code === 0 ? undefined : `ended with ${code}`;
}

async function withFreePorts(text: string) {
  const free = await Promise.all(ports.map(freePort));
  const swap = (from: readonly string[], to: readonly string[]) => (input: string) =>
    from.reduce(
      (result, port, at) =>
        result.replaceAll(`:${port}`, `:${to[at]}`).replaceAll(`--port ${port}`, `--port ${to[at]}`),
      input,
    );
  return {
    text: `export CAIO_PORT=${free[0]}\n${swap(ports, free)(text)}`,
    restore: swap(free, ports),
  };
}

function freePort(): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(String(port)));
    });
  });
}
