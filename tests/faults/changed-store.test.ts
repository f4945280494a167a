import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { caio, scratchFolder } from '../support/caio-command.js';
import { serve } from '../support/served.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
const file = (name: string): string => scratch.path(name);
beforeEach(async () => {
  scratch = await scratchFolder();
  await caio(['init', file('home')]);
  expect(await (await serve(file('home/caio.yaml'))).stop()).toBe(0);
});
afterEach(() => scratch.dispose());

/** Changes the store as somebody with access to the folder could: `change` sees its databases. */
function tamper(change: string): void {
  const program = `
    const { open } = await import('lmdb');
    const binary = { encoding: 'binary', keyEncoding: 'binary' };
    const root = open({ path: process.argv[1], noSubdir: false, overlappingSync: false, maxDbs: 8, ...binary });
    const [meta, blobs] = ['meta', 'blobs'].map((name) => root.openDB({ name, ...binary }));
    const entry = (n) => Buffer.from('entry/' + String(n).padStart(16, '0'));
    const head = Buffer.from('head');
    root.transactionSync(() => { ${change} });
    await root.close();`;
  execFileSync(process.execPath, ['--input-type=module', '-e', program, file('home/data')]);
}

const starting = () => caio(['serve', '--config', file('home/caio.yaml'), '--port', '0']);

describe('a store that was changed between two starts is not gone on with', () => {
  it.each([
    [
      'an entry with another byte',
      'const e = blobs.get(entry(1)); e[e.length - 5] ^= 1; blobs.putSync(entry(1), e);',
    ],
    ['an entry that is gone', 'blobs.removeSync(entry(1));'],
    [
      'two entries in each other’s place',
      'const [a, b] = [0, 1].map((n) => blobs.get(entry(n))); blobs.putSync(entry(0), b); blobs.putSync(entry(1), a);',
    ],
    [
      'a head with another root',
      "const h = JSON.parse(meta.get(head)); h.root = '0'.repeat(64); meta.putSync(head, Buffer.from(JSON.stringify(h)));",
    ],
    [
      'a head that is ahead of the entries',
      'const h = JSON.parse(meta.get(head)); h.size += 1; meta.putSync(head, Buffer.from(JSON.stringify(h)));',
    ],
    [
      'a head that went back',
      'const h = JSON.parse(meta.get(head)); h.size -= 1; meta.putSync(head, Buffer.from(JSON.stringify(h)));',
    ],
  ])('%s', async (_name, change) => {
    tamper(change);
    const { code, out, err } = await starting();
    expect(out).not.toMatch(/CAIO is at/);
    expect([4, 70], err).toContain(code);
    expect(err).toMatch(/storage_failed|invariant_broken|log_discontinued/);
  });

  it('one that was only opened and closed is', async () => {
    tamper('');
    const server = await serve(file('home/caio.yaml'));
    expect(await server.stop()).toBe(0);
  });
});
