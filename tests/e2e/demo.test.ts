import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const script = 'dist/examples/demo/main.js';

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the built demo; `onOutput` sees all that it said so far. */
function runDemo(
  onOutput: (output: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...ownCaio, CAIO_DEMO_RUN: mark.split('=')[1] },
  });
  let output = '';
  const hear = (text: string) => {
    output += text;
    onOutput(output, (signal) => child.kill(signal));
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

/** Somebody who runs a CAIO of their own; the demo keeps to its own. */
const ownCaio = {
  CAIO_HOST: '192.0.2.1',
  CAIO_SIGNING_KEY: '/their/own.key',
  CAIO_SERVICES: '/their/services',
};

/** Every process that this run started carries its mark; where there is no /proc, none is found. */
const mark = `CAIO_DEMO_RUN=${randomUUID()}`;

function processesLeft(): string[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc').filter((id) => /^\d+$/.test(id) && environmentOf(id).includes(mark));
}

function environmentOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/environ`, 'utf8');
  } catch {
    // It ended in the meantime, or is somebody else's.
    return '';
  }
}

describe('the demo', () => {
  it('shows what it promises, in plain text where there is no terminal, and leaves no process behind', async () => {
    expect(existsSync(script), 'npm run build comes first').toBe(true);
    const { code, output } = await runDemo();
    const met = output.split('\n').filter((line) => line.includes('✓'));
    console.log(output);
    expect(output).not.toContain('✗');
    expect(output).not.toContain('\u001b');
    for (const line of [
      '6 services run as processes of their own and are registered',
      'the best service is selected: cirrus, in the cloud',
      'parley, on the premises, is selected',
      'cirrus is out by the rule hipaa/phi-covered',
      'no word of the payload is in the certificate, only a commitment to it',
      'it is refused, and the refusal is a certified decision',
      'the reason is given service by service',
      'scribe serves the first call',
      'gist serves the second call',
      'scribe is out because it is disabled',
      'enabled again, scribe is selected again, without a restart',
      'ordinary-chat: levels 1, 2 and 3 hold',
      'health-data: levels 1, 2 and 3 hold',
      'refusal: levels 1, 2 and 3 hold',
      'before-the-swap: levels 1, 2 and 3 hold',
      'after-the-swap: levels 1, 2 and 3 hold',
      'the winner’s score is raised: caught, level',
      'a lower price is promised: caught, level',
      'another reason is given for cirrus: caught, level 3',
      'the same without the key: caught, level 1',
    ]) {
      expect(
        met.some((each) => each.includes(line)),
        line,
      ).toBe(true);
    }
    expect(output).toMatch(/(\d+) of \1 expectations met/);
    expect(code).toBe(0);
    await expect.poll(processesLeft).toEqual([]);
  }, 120_000);

  it('that is interrupted ends its processes too', async () => {
    let interrupted = false;
    const { code } = await runDemo((output, kill) => {
      if (interrupted || !output.includes('contract ')) return;
      interrupted = true;
      kill('SIGINT');
    });
    expect([interrupted, code]).toEqual([true, 130]);
    await expect.poll(processesLeft).toEqual([]);
  }, 120_000);
});
