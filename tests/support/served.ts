import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectFolder } from './caio-command.js';

/** A `caio serve` of its own process. */
export interface Served {
  readonly url: string;
  /** Everything printed up to the address. */
  readonly printed: string;
  /** Ends it at once, as a power failure of the process would, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to end, and gives its exit code. */
  stop(): Promise<number | null>;
}

/** Starts the built command on a free port; rejects with what it printed when it ends instead. */
export function serve(
  configuration: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const address = /CAIO is at (\S+)[\s\S]*verifier key/;
  return started(['serve', '--config', configuration, '--port', '0'], address, environment);
}

/** The same for `caio witness serve`. */
export function serveWitness(configuration: string, port = '0'): Promise<Served> {
  const address = /the witness is at (\S+)[\s\S]*verifier key/;
  return started(['witness', 'serve', '--config', configuration, '--port', port], address);
}

async function started(
  args: readonly string[],
  address: RegExp,
  environment: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const child = spawn(process.execPath, [join(projectFolder, 'dist/cli/main.js'), ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  const exited = once(child, 'exit');
  for (;;) {
    const url = address.exec(printed)?.[1];
    if (url !== undefined)
      return { url, printed, kill: () => end(child, exited), stop: () => stop(child, exited) };
    const ended = await Promise.race([once(child.stdout, 'data').then(() => false), exited.then(() => true)]);
    if (ended) throw new Error(printed);
  }
}

async function end(child: ChildProcess, exited: Promise<unknown[]>): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}

async function stop(child: ChildProcess, exited: Promise<unknown[]>): Promise<number | null> {
  child.kill('SIGTERM');
  return ((await exited) as [number | null])[0];
}
