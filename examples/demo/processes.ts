import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const running = new Set<ChildProcess>();

/** The end of what each long-running process wrote to its standard error. */
const complaints = new Map<string, string>();

/** How long a process may take to end by itself before it is killed. */
const graceMillis = 3_000;

export interface Started {
  readonly child: ChildProcess;
  /** The first line on its standard output for which `find` gives a value. */
  readonly found: string;
}

/**
 * Starts a Node script as a process of its own and waits for the line that says where it listens. Its standard input stays
 * open: services end when it closes, so that none outlives this process however it ends.
 */
export async function start(
  script: string,
  args: readonly string[],
  find: (line: string) => string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Started> {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment,
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints.set(script, ((complaints.get(script) ?? '') + text).slice(-2_000));
  });
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
    lines.on('line', (line) => {
      const found = find(line);
      if (found !== undefined) resolve({ child, found });
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`${script} ended with code ${code}\n${complaintOf(script)}`)),
    );
  });
}

export function complaintOf(script: string): string {
  return complaints.get(script) ?? '';
}

export interface Finished {
  readonly code: number;
  readonly output: string;
  readonly complaint: string;
}

/** Runs a Node script to its end. */
export function runToEnd(script: string, args: readonly string[]): Promise<Finished> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  let complaint = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code: code ?? 70, output, complaint });
    });
  });
}

/** Ends every process that was started here, each by its id: asked first, then killed. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map(
      (child) =>
        new Promise<void>((resolve) => {
          if (child.exitCode !== null || child.signalCode !== null) return resolve();
          const timer = setTimeout(() => child.kill('SIGKILL'), graceMillis);
          child.once('exit', () => {
            clearTimeout(timer);
            resolve();
          });
          child.kill('SIGTERM');
        }),
    ),
  );
}

/** For signals: no time to wait. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}
