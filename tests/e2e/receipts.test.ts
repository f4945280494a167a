import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/program.js';
import { parseVerifierKey } from '../../src/kernel/verifier-key.js';
import { openReceipt } from '../../src/log/receipt.js';
import { CaioClient } from '../../src/sdk/client.js';
import { defineService, type Service } from '../../src/sdk/service.js';
import { bundlesOf, tilePath } from '../../src/verifier/log-tiles.js';
import { chatRequest, type Running, startServer, wireContract } from '../fixtures/server/running-server.js';
import { scratchFolder } from '../support/caio-command.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let caio: Running;
let service: Service;
let failing: Service;
const received: { readonly receipt: string; readonly decisionId: string }[] = [];
let auditor: string;
const file = (name: string): string => scratch.path(name);

/** `caio receipts check` in this process. */
async function check(
  paths: readonly string[],
  more: readonly string[] = ['--server', caio.url],
  key = auditor,
) {
  let out = '';
  let err = '';
  const args = ['receipts', 'check', ...paths, '--key', caio.verifierKey, '--json', ...more];
  const code = await runCommand(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env: { CAIO_API_KEY: key },
    now: () => Date.now() * 1000,
    color: false,
  });
  return { code, err, report: JSON.parse(out) };
}

const orchestrate = () =>
  caio.call('POST', '/api/v1/orchestrate', {
    key: 'execute',
    body: {
      ...chatRequest,
      request: { ...chatRequest.request, fallback: { max_services: 2, deadline_ms: 2000 } },
    },
  });

beforeAll(async () => {
  scratch = await scratchFolder();
  caio = await startServer();
  const grant = { tenant: 'audit', scopes: ['log'], expires: '2199-01-01T00:00:00Z' };
  auditor = (await caio.call('POST', '/api/v1/keys', { key: 'admin', body: grant })).body.key;
  service = defineService({
    contract: { ...wireContract('svc'), api: { protocol: 'caio', url: 'http://127.0.0.1:9' } } as never,
    execute: () => ({ result: 'done' }),
    onReceipt: (receipt, { decisionId }) => void received.push({ receipt, decisionId }),
    receipts: file('receipts'),
  });
  failing = defineService({
    contract: { ...wireContract('failing') } as never,
    execute: () => {
      throw new Error('it always does');
    },
    receipts: file('failing'),
  });
  const [{ url }, { url: failingUrl }] = await Promise.all([
    service.listen({ port: 0 }),
    failing.listen({ port: 0 }),
  ]);
  const at = (id: string, where: string, more: object = {}) =>
    caio.call('POST', '/api/v1/services', {
      key: 'admin',
      body: wireContract(id, { api: { protocol: 'caio', url: where }, ...more }),
    });
  expect((await at('svc', url)).status).toBe(201);
  // Better in every term, so that it is asked first.
  const better = {
    guarantees: { latency_p95_ms: { max: 1 }, accuracy: { min: 0.99 } },
    alignment: { risk: 0 },
  };
  expect((await at('failing', failingUrl, better)).status).toBe(201);
  for (let i = 0; i < 3; i += 1) expect((await orchestrate()).body).toMatchObject({ result: 'done' });
});
afterAll(async () => {
  await caio.close();
  await Promise.all([service.close(), failing.close()]);
  await scratch.dispose();
});

describe('a service', () => {
  it('is given a receipt with each transmission: its own number, and where the log has the attempt', async () => {
    const key = parseVerifierKey(caio.verifierKey);
    if (!key.ok) throw new Error(key.error.message);
    const receipts = received.map(({ receipt }) => openReceipt(receipt, key.value));
    expect(receipts).toMatchObject(
      [1, 2, 3].map((number) => ({
        ok: true,
        value: { origin: 'caio.test', service: 'svc', number, rank: 1 },
      })),
    );
    for (const [i, receipt] of receipts.entries()) {
      if (!receipt.ok) continue;
      const { index, decision } = receipt.value;
      expect(decision).toBe(received[i]?.decisionId);
      expect(await caio.log.read(index)).toMatchObject({ kind: 'attempt', decision, rank: 1 });
    }
    const [first] = (await readdir(file('failing'))).sort();
    const text = await readFile(`${file('failing')}/${first}`, 'utf8');
    const opened = openReceipt(text, key.value);
    // The first attempt rides in the decision.
    expect(opened).toMatchObject({ ok: true, value: { service: 'failing', rank: 0 } });
    if (opened.ok) expect(await caio.log.read(opened.value.index)).toMatchObject({ kind: 'decision' });
  });

  it('has every receipt borne out by the log of a server', async () => {
    const { code, report } = await check([file('receipts'), file('failing')]);
    expect(code).toBe(0);
    expect(report).toMatchObject({ holds: true, refuted: [], gaps: [] });
    expect(report.findings).toHaveLength(6);
    expect(new Set(report.findings.map(({ result }: { result: string }) => result))).toEqual(
      new Set(['found']),
    );
  });

  it('is shown what is between its receipts', async () => {
    const names = (await readdir(file('receipts'))).map((name) => `${file('receipts')}/${name}`);
    const texts = await Promise.all(names.map((name) => readFile(name, 'utf8')));
    const outer = names.filter((_, i) => !texts[i]?.startsWith('caio/receipt/v1\ncaio.test\nsvc\n2\n'));
    const { code, report } = await check(outer);
    expect(code).toBe(0);
    expect(report.gaps).toMatchObject([{ service: 'svc', number: 2, rank: 1, outcome: 'answered' }]);
  });

  it('sees a receipt refuted that was changed, or is of another log', async () => {
    const text = received[0]?.receipt ?? '';
    await writeFile(file('changed.receipt'), text.replace('\n1\n', '\n2\n'));
    const changed = await check([file('changed.receipt')]);
    expect([changed.code, changed.report.refuted]).toMatchObject([
      1,
      [{ why: expect.stringMatching(/signature_wrong/) }],
    ]);
    await writeFile(file('other.receipt'), text.replaceAll('caio.test', 'else.test'));
    const other = await check([file('other.receipt')]);
    expect([other.code, other.report.refuted]).toMatchObject([
      1,
      [{ why: expect.stringMatching(/unsigned/) }],
    ]);
    await writeFile(file('poem.txt'), 'roses\n');
    expect((await check([file('poem.txt')])).code).toBe(2);
    expect((await check([file('nothing')])).code).toBe(2);
  });
});

describe('a log that leaves something out', () => {
  /** The log as files, of its first entries. */
  async function exported(name: string, size: number, checkpoint: string): Promise<string> {
    const put = async (path: string, bytes: string | Uint8Array) => {
      await mkdir(dirname(`${file(name)}/${path}`), { recursive: true });
      await writeFile(`${file(name)}/${path}`, bytes);
    };
    await put('checkpoint', checkpoint);
    for (const path of bundlesOf(size).map(tilePath)) {
      const headers = { authorization: `Bearer ${auditor}` };
      const response = await fetch(`${caio.url}/log/${path}`, { headers });
      await put(path, new Uint8Array(await response.arrayBuffer()));
    }
    return file(name);
  }

  it('is named by the receipt that it does not bear out', async () => {
    const earlier = caio.log.published;
    expect((await orchestrate()).status).toBe(200);
    const folder = await exported('earlier', earlier.size, earlier.checkpoint);
    const { code, report } = await check([file('receipts')], ['--log', folder]);
    expect(code).toBe(1);
    const omitted = report.findings.filter(({ result }: { result: string }) => result !== 'found');
    expect(omitted).toMatchObject([
      { result: 'omitted', says: expect.stringMatching(/attempt 4 at svc.* is not in the log of/) },
    ]);
  });

  it('is refused when its entries are not those under its root', async () => {
    const { size, checkpoint } = caio.log.published;
    const folder = await exported('wrong', size, checkpoint);
    const [first] = bundlesOf(size).map(tilePath);
    const bytes = await readFile(`${folder}/${first}`);
    const at = bytes.indexOf('"kind":"outcome"');
    bytes.write('answerfd', bytes.indexOf('answered', at));
    await writeFile(`${folder}/${first}`, bytes);
    const { code, report } = await check([file('receipts')], ['--log', folder]);
    expect([code, report.error]).toMatchObject([1, { code: 'verification_failed' }]);
  });

  it('is not read without a key that may, or from two places', async () => {
    const refused = await check([file('receipts')], undefined, caio.keys.traces);
    expect([refused.code, refused.report.error.code]).toEqual([3, 'forbidden']);
    expect((await check([file('receipts')], [])).code).toBe(2);
  });
});

describe('a caller', () => {
  it('keeps a receipt of its decision that it verified itself, and holds it against the log later', async () => {
    const client = new CaioClient({ url: caio.url, key: caio.keys.execute as string });
    const id = (await orchestrate()).body.decision_id as string;
    const receipt = await client.receipt(id, { key: caio.verifierKey });
    await writeFile(file('mine.json'), JSON.stringify(receipt));
    const { code, report } = await check([file('mine.json')]);
    expect([code, report.findings]).toMatchObject([
      0,
      [{ result: 'found', says: expect.stringContaining(id) }],
    ]);

    const stranger = `${caio.verifierKey.slice(0, -2)}A=`;
    await expect(client.receipt(id, { key: stranger })).rejects.toMatchObject({ code: 'key_malformed' });
    await expect(client.receipt(id, { key: caio.verifierKey, witnesses: [] })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    const late = { ...receipt, record: { ...receipt.record, entry: { ...receipt.record.entry, time: 1 } } };
    await writeFile(file('late.json'), JSON.stringify(late));
    const changed = await check([file('late.json')]);
    expect([changed.code, changed.report.refuted]).toMatchObject([
      1,
      [{ why: expect.stringMatching(/inclusion_wrong/) }],
    ]);
  });

  it('sees the proof of a decision of its own, and of no other tenant', async () => {
    const id = (await orchestrate()).body.decision_id as string;
    const own = await caio.call('GET', `/api/v1/traces/${id}/proof`, { key: 'execute' });
    expect([own.status, own.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(own.text).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex \d+\n/);
    expect((await caio.call('GET', `/api/v1/traces/${id}/proof`, { key: 'stranger' })).status).toBe(404);
    expect((await caio.call('GET', `/api/v1/traces/${id}/proof?level=3`, { key: 'execute' })).status).toBe(
      422,
    );
    const none = await caio.call('GET', `/api/v1/traces/${id}/bundle?level=5`, { key: 'execute' });
    expect([none.status, none.body.problems]).toMatchObject([
      422,
      [{ message: expect.stringMatching(/no witnesses/) }],
    ]);
  });

  it('verifies a bundle of level 4 in its own process', async () => {
    const client = new CaioClient({ url: caio.url, key: caio.keys.execute as string });
    const id = (await orchestrate()).body.decision_id as string;
    const report = await client.verifyTrace(id, { key: caio.verifierKey, level: 4 });
    expect([report.holds, report.level]).toEqual([true, 4]);
  });
});
