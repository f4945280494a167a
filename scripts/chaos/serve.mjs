import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'cli', 'main.js');
const path = { PATH: process.env.PATH };

/** A home as `caio init` makes it; with the URL of a database its log is there, else in a folder of the home. */
export async function initialise(home, database) {
  const storage = database === undefined ? [] : ['--postgres', 'env:CHAOS_DATABASE'];
  const env = database === undefined ? path : { ...path, CHAOS_DATABASE: database };
  execFileSync(process.execPath, [command, 'init', home, '--name', 'chaos.example', ...storage], {
    env,
    stdio: 'ignore',
  });
  const adminKey = readFileSync(join(home, 'admin.key'), 'utf8').trim();
  return { configuration: join(home, 'caio.yaml'), env, data: database ?? join(home, 'data'), adminKey };
}

/** `caio serve` on a free port. `kill` is SIGKILL, and resolves when the process is gone. */
export async function serve({ configuration, env }) {
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
