import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CaioClient } from 'caio/sdk';
import { complaintOf, type Finished, runToEnd, start } from './processes.js';

/** The root of the project, seen from the compiled file. */
export const projectRoot = fileURLToPath(new URL('../../../', import.meta.url));
const cli = join(projectRoot, 'dist', 'cli', 'main.js');

export interface RunningCaio {
  readonly url: string;
  readonly client: CaioClient;
  /** The operator's verifier key; auditors get it by some other way than the server. */
  readonly verifierKey: string;
  /** What no auditor has: the key that signs. */
  readonly signingKey: string;
  /** File with a key that may do everything, also read the log. */
  readonly adminKeyFile: string;
}

/** `caio init` in a folder of its own and `caio serve` as a process of its own, on a free port of loopback. */
export async function startCaio(): Promise<RunningCaio> {
  const folder = mkdtempSync(join(tmpdir(), 'caio-demo-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const home = join(folder, 'home');
  const made = await runToEnd(cli, ['init', home, '--name', 'demo.caio.example', '--json']);
  if (made.code !== 0) throw new Error(`caio init failed: ${made.complaint}`);
  const init = JSON.parse(made.output) as { readonly verifier_key: string; readonly admin_key_file: string };
  const environment = {
    ...process.env,
    // Empty is as if not set: whoever has a CAIO of their own must not see its keys and services in the demo.
    ...{ CAIO_HOST: '', CAIO_SIGNING_KEY: '', CAIO_API_KEYS: '', CAIO_SERVICES: '', CAIO_PARAMETERS: '' },
    CAIO_PORT: '0',
    CAIO_POLICIES: join(projectRoot, 'configs', 'policies'),
  };
  const { found: url } = await start(
    cli,
    ['serve', '--config', join(home, 'caio.yaml')],
    listeningAt,
    environment,
  );
  return {
    url,
    client: new CaioClient({ url, key: readFileSync(init.admin_key_file, 'utf8').trim() }),
    verifierKey: init.verifier_key,
    signingKey: readFileSync(join(home, 'signing.key'), 'utf8'),
    adminKeyFile: init.admin_key_file,
  };
}

/** The last that the server logged, for when something went wrong. */
export function serverLog(): string {
  return complaintOf(cli);
}

function listeningAt(line: string): string | undefined {
  return /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(line)?.[0];
}

/** Runs one command to its end, in a process of its own. */
export function runCaio(args: readonly string[]): Promise<Finished> {
  return runToEnd(cli, args);
}

/** Where bundles are written: logs/demo in the project, which git ignores. Empty at the start of each run. */
export function outputFolder(): string {
  const folder = join(projectRoot, 'logs', 'demo');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

export interface Verified {
  readonly code: number;
  readonly holds: boolean;
  readonly level: number;
  readonly levels: readonly {
    readonly level: number;
    readonly holds: boolean;
    readonly failure?: { readonly code: string; readonly path: string; readonly message: string };
  }[];
  readonly attested: readonly string[];
}

/** Checks a bundle file with the independent verifier, in a process of its own that knows the file and the key alone. */
export async function verifyFile(file: string, verifierKey: string, level: 3 | 4 = 3): Promise<Verified> {
  const options = ['--key', verifierKey, '--level', String(level), '--json'];
  const { code, output, complaint } = await runCaio(['verify', file, ...options]);
  if (output === '') throw new Error(`caio verify said nothing: ${complaint}`);
  return { code, ...(JSON.parse(output) as Omit<Verified, 'code'>) };
}
