import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server of a bench, as a process of its own. */
export interface BenchServer {
  readonly child: ChildProcess;
  readonly url: string;
  readonly key: string;
}

/**
 * Starts `program`, beside this file, which prints its URL and an API key on one line and ends when its standard input does. What it imports from src/ is
 * the compiled module of dist/. With `CAIO_BENCH_PROFILE=<first argument>` it leaves a processor profile in logs/.
 */
export async function startBenchServer(program: string, args: readonly string[]): Promise<BenchServer> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const profile = process.env.CAIO_BENCH_PROFILE === args[0] ? ['--cpu-prof', '--cpu-prof-dir=logs'] : [];
  const compiled = new URL('compiled.mjs', import.meta.url).href;
  const node = [...profile, '--import', 'tsx', '--import', compiled, path, ...args];
  const child = spawn(process.execPath, node, { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => undefined)]);
  if (line === undefined) throw new Error(`the server ${program} ${args[0]} did not start`);
  return { child, ...(JSON.parse(String(line[0])) as { readonly url: string; readonly key: string }) };
}

export async function stopBenchServer({ child }: BenchServer): Promise<void> {
  child.stdin?.end();
  if (child.exitCode === null) await once(child, 'exit');
}

/** What a program started by `startBenchServer` does once it listens. */
export function announce(url: string, key = 'none'): void {
  console.log(JSON.stringify({ url, key }));
  process.stdin.resume().on('end', () => process.exit(0));
}
