/**
 * Decisions a second that `caio replay` decides again, and the memory that it takes, over logs of two lengths: if memory grew with the log, the second would
 * show it. The log is made by the engine over the world of bench/decide-world.ts (100 services), with a contract put anew now and then, and stands in an LMDB
 * folder. It is replayed on one thread and on one a core (threads run the built sources: npm run build). Each decision is decided twice (as it was, and under one more rule) and read, hashed, folded and compared.
 *
 * `--decisions N` (default 10000): the length of the second log; the first has a tenth.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeSource } from '../src/cli/log-source/store-source.js';
import { decideAllAgain } from '../src/cli/replay/decide-again.js';
import type { Policy } from '../src/contracts/policy.js';
import { ok } from '../src/kernel/result.js';
import { lmdbStorage } from '../src/log/drivers/lmdb.js';
import { lmdbReading } from '../src/log/drivers/lmdb-reading.js';
import { entryType, type Genesis } from '../src/log/entry.js';
import { openLog } from '../src/log/open-log.js';
import { decide } from '../src/orchestrator/decide.js';
import { sealRequest } from '../src/orchestrator/seal.js';
import { buildSnapshot } from '../src/orchestrator/snapshot.js';
import { signingKeyOf, verifierKeyOf } from '../src/proofs/signing-key.js';
import { addTo, noTotals } from '../src/replay/totals.js';
import { benchInputs, benchState } from './decide-world.js';

const at = process.argv.indexOf('--decisions');
const most = at === -1 ? 10_000 : Number(process.argv[at + 1]);
const services = 100;
const changeEvery = 500;
const io = { out: () => {}, err: () => {}, env: {}, now: () => Date.now() * 1000, color: false };
const author = { method: 'local', key_id: 'setup' } as const;

async function makeLog(folder: string, decisions: number): Promise<void> {
  const key = signingKeyOf('bench', new Uint8Array(32));
  if (!key.ok) throw new Error(key.error.message);
  const { name, hash } = key.value;
  const signer = { name, hash, sign: (text: string) => key.value.sign(Buffer.from(text)) };
  const world = benchState(services, 50);
  const base = { type: entryType, time: 1 } as const;
  const genesis: Genesis = {
    ...base,
    kind: 'genesis',
    origin: name,
    verifier_key: verifierKeyOf(key.value),
    parameters: world.parameters,
  };
  const storage = await lmdbStorage(folder);
  const gather = () => new Promise<void>((resolve) => setImmediate(resolve));
  const opened = await openLog({ storage, buildSnapshot, signer, gather }, genesis);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const log = opened.value;
  await log.appendState(() =>
    ok([
      ...world.policies.map((policy) => ({ ...base, author, kind: 'policy.put', policy }) as const),
      ...world.contracts.map((contract) => ({ ...base, author, kind: 'contract.put', contract }) as const),
    ]),
  );
  const questions = benchInputs(256);
  for (let made = 0; made < decisions; made += changeEvery) {
    const { snapshot } = log.view;
    const batch = Array.from({ length: Math.min(changeEvery, decisions - made) }, (_, i) => {
      const question = questions[(made + i) % questions.length] as (typeof questions)[number];
      const sealed = sealRequest(
        { request: question.request },
        { caller: question.caller },
        snapshot,
        undefined,
      );
      if (!sealed.ok) throw new Error(JSON.stringify(sealed.error));
      const decided = decide(
        { ...question, request: sealed.value.request, time: question.time + made + i },
        snapshot,
      );
      if (!decided.ok) throw new Error(JSON.stringify(decided.error));
      const { certificate } = decided.value;
      return log.appendDecision({ ...base, time: certificate.inputs.time, kind: 'decision', certificate });
    });
    await Promise.all(batch);
    const contract = {
      ...(world.contracts[(made / changeEvery) % services] as (typeof world.contracts)[number]),
      version: `1.1.${made}`,
    };
    await log.appendState(() => ok([{ ...base, author, kind: 'contract.put', contract }]));
  }
  await storage.close();
}

const policy: Policy = {
  id: 'what-if',
  version: '1',
  context: {},
  rules: [
    {
      id: 'local',
      type: 'privacy',
      when: 'true',
      require: 'service.privacy.locality != "cloud"',
      reason: 'what if',
      priority: 0,
    },
  ],
};

console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, node ${process.versions.node}, ${services} services`,
);
for (const decisions of [most / 10, most]) {
  const folder = mkdtempSync(join(tmpdir(), 'caio-bench-'));
  await makeLog(folder, decisions);
  const source = await storeSource(await lmdbReading(folder), folder, undefined);
  for (const jobs of [...new Set([1, cpus().length])]) {
    const totals = noTotals();
    let peak = 0;
    const started = performance.now();
    const plan = { replacement: { policies: [policy], mode: 'on top' } as const, within: () => true, jobs };
    await decideAllAgain(source, io, plan, ({ index, result }) => {
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      addTo(totals, result.value);
      if (index % 256 === 0) peak = Math.max(peak, process.memoryUsage().rss);
    });
    const seconds = (performance.now() - started) / 1000;
    const changed = totals.decisions - totals.unchanged;
    console.log(
      `${totals.decisions} decisions, ${changed} changed, --jobs ${jobs}: ${Math.round(totals.decisions / seconds)} a second, at most ${Math.round(peak / 2 ** 20)} MiB`,
    );
  }
  await source.close();
  rmSync(folder, { recursive: true, force: true });
}
