/**
 * Decisions a second that are decided, kept in the vault and recorded in an LMDB log, at 1, 32 and 256 under way at once, by where the openings
 * go: `memory`, or a `folder` with its own sync. `same` and `new`: whether the requests are about ten subjects, whose keys are there already, or
 * each about a new one, so that a key is made and synced for each. In turn within each round, so that a noisy machine is noisy to all; the ratio
 * is to memory with the same subjects, the median of rounds.
 *
 * Log and vault are each in a thread of its own, as a server has them: `npm run build` first. Every decision's openings are read back before a figure counts. `--quick` measures less; `--folder DIR` puts the stores there.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestDocument } from '../src/contracts/request.js';
import { lmdbThreadStorage } from '../src/log/drivers/lmdb-thread.js';
import { signingKeyOf } from '../src/proofs/signing-key.js';
import { strictlyRising, systemClock } from '../src/server/clock.js';
import { decideAndRecord, ownerOf } from '../src/server/decisions/decide-and-record.js';
import type { DecisionPorts } from '../src/server/decisions/ports.js';
import type { Identity } from '../src/server/identity/identity.js';
import { createMetrics } from '../src/server/metrics.js';
import { openServerLog } from '../src/server/open-server-log.js';
import { masterKeyOf } from '../src/server/openings/master-key.js';
import { vaultPorts } from '../src/server/openings/memory-log-vault.js';
import { memoryVault } from '../src/server/openings/memory-vault.js';
import { threadVault } from '../src/server/openings/thread-vault.js';
import { openLogVault, type Vault } from '../src/server/openings/vault.js';
import { benchInputs, benchState } from './decide-world.js';

const quick = process.argv.includes('--quick');
const folderAt = process.argv.indexOf('--folder');
const base = folderAt === -1 ? tmpdir() : (process.argv[folderAt + 1] as string);
const seconds = quick ? 0.4 : 2;
const rounds = quick ? 3 : 5;

const { parameters, contracts, policies } = benchState(20, 50);
const [inputs] = benchInputs(1);
if (inputs === undefined) throw new Error('there is nothing to decide');
const { request, caller } = inputs;
const identity: Identity = { document: { caller, subject: 'clerk-3' }, scopes: new Set() };
const clock = strictlyRising(systemClock);

interface Place {
  readonly ports: DecisionPorts;
  readonly vault: Vault;
  close(): Promise<void>;
}

async function open(kind: 'memory' | 'folder'): Promise<Place> {
  const folder = mkdtempSync(join(base, 'caio-bench-'));
  const storage = await lmdbThreadStorage(join(folder, 'log'));
  const signingKey = signingKeyOf('caio.bench', randomBytes(32));
  if (!signingKey.ok) throw new Error(signingKey.error.message);
  const log = await openServerLog(storage, signingKey.value, clock, { parameters, contracts, policies });
  if (!log.ok) throw new Error(JSON.stringify(log.error));
  const store = kind === 'memory' ? memoryVault() : await threadVault(join(folder, 'openings'));
  const master = masterKeyOf(randomBytes(32));
  const vault = await openLogVault({ store, master, random: randomBytes, ...vaultPorts(log.value, clock) });
  const none = () => 0;
  const ports = {
    log: log.value,
    clock,
    random: randomBytes,
    openings: vault.openings,
    signingKey: signingKey.value,
    metrics: createMetrics({
      ...{ logSize: none, services: none, policies: none },
      ...{ epoch: none, breaches: none, heldOut: none },
    }),
  } as unknown as DecisionPorts;
  const close = async () => {
    await vault.close();
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ports, vault, close };
}

let drawn = 0;

/** Decisions a second with so many under way, each begun when one before it is acknowledged. */
async function measure(place: Place, underWay: number, subjects: 'same' | 'new'): Promise<number> {
  const made: string[] = [];
  const started = performance.now();
  const until = started + seconds * 1e3;
  const one = async (): Promise<void> => {
    while (performance.now() < until) {
      drawn += 1;
      const subject = subjects === 'same' ? `patient-${drawn % 10}` : `patient-new-${drawn}`;
      const asked: RequestDocument = { request, subject };
      const recorded = await decideAndRecord(place.ports, asked, identity, 'route');
      if (!recorded.ok) throw new Error(JSON.stringify(recorded.error));
      made.push(recorded.value.decision.certificate.id);
    }
  };
  await Promise.all(Array.from({ length: underWay }, one));
  const took = (performance.now() - started) / 1e3;
  for (const id of made.slice(-50)) {
    const { own } = await place.vault.openings.find(id, ownerOf(identity));
    if (Object.keys(own ?? {}).length !== 2) throw new Error('openings that were acknowledged are not there');
  }
  return made.length / took;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;
const row = (...cells: readonly (string | number)[]) =>
  console.log(cells.map((cell, i) => String(cell).padStart(i === 0 ? 8 : 12)).join(''));

console.log(
  `${cpus()[0]?.model ?? 'cpu'}, ${cpus().length} cores, Node ${process.version}, stores in ${base}`,
);
row('under way', 'memory', 'folder', 'ratio', 'folder, new', 'ratio');
for (const underWay of [1, 32, 256]) {
  const figures: number[][] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, [kind, subjects]] of (
      [
        ['memory', 'same'],
        ['folder', 'same'],
        ['folder', 'new'],
      ] as const
    ).entries()) {
      const place = await open(kind);
      await measure(place, underWay, subjects);
      figures[i]?.push(await measure(place, underWay, subjects));
      await place.close();
    }
  }
  const [memory = [], same = [], fresh = []] = figures;
  const ratio = (values: readonly number[]) =>
    median(values.map((value, i) => value / (memory[i] as number)));
  row(
    underWay,
    Math.round(median(memory)),
    Math.round(median(same)),
    ratio(same).toFixed(2),
    Math.round(median(fresh)),
    ratio(fresh).toFixed(2),
  );
}
