import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'cli', 'main.js');
const env = { PATH: process.env.PATH };

/** A home as `caio init` makes it. */
export async function initialise(home) {
  execFileSync(process.execPath, [command, 'init', home, '--name', 'chaos.example'], {
    env,
    stdio: 'ignore',
  });
  const adminKey = readFileSync(join(home, 'admin.key'), 'utf8').trim();
  return { configuration: join(home, 'caio.yaml'), data: join(home, 'data'), adminKey };
}

/** `caio serve` on a free port. `kill` is SIGKILL, and resolves when the process is gone. */
export async function serve(configuration) {
  const child = spawn(process.execPath, [command, 'serve', '--config', configuration, '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const killWithMe = () => child.kill('SIGKILL');
  process.once('exit', killWithMe);
  child.once('exit', () => process.off('exit', killWithMe));
  let printed = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors = (errors + text).slice(-2000);
  });
  for (;;) {
    const url = /CAIO is at (\S+) /.exec(printed)?.[1];
    if (url !== undefined) {
      return {
        url,
        kill: async () => {
          child.kill('SIGKILL');
          await exited;
        },
      };
    }
    const ended = await Promise.race([once(child.stdout, 'data').then(() => false), exited.then(() => true)]);
    if (ended) throw new Error(`caio serve ended: ${printed}${errors}`);
  }
}
