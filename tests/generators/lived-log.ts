import { benchInputs, benchState } from '../../bench/decide-world.js';
import type { Caller } from '../../src/contracts/caller.js';
import type { Certificate, Routed, ServiceReference } from '../../src/contracts/certificate.js';
import type { Contract } from '../../src/contracts/contract.js';
import { defaultParameters } from '../../src/contracts/default-parameters.js';
import type { Parameters } from '../../src/contracts/parameters.js';
import { enforcementVerdicts, reportedCost } from '../../src/guarantees/enforcement-verdicts.js';
import { ok } from '../../src/kernel/result.js';
import { memoryStorage } from '../../src/log/drivers/memory.js';
import {
  type Author,
  entryType,
  type LogEntry,
  type Measured,
  type StateEntry,
} from '../../src/log/entry.js';
import type { KeyRecord } from '../../src/log/key-record.js';
import type { Log } from '../../src/log/log.js';
import type { StoragePort } from '../../src/log/port.js';
import { decide } from '../../src/orchestrator/decide.js';
import type { Snapshot } from '../../src/orchestrator/snapshot.js';
import { type SigningKey, signingKeyOf } from '../../src/proofs/signing-key.js';
import { dueEntries } from '../../src/server/history-keeper.js';
import { openServerLog } from '../../src/server/open-server-log.js';
import { Random } from './random.js';

export interface Life {
  readonly seed: number;
  readonly decisions: number;
  readonly services: number;
  readonly rules: number;
  /** One change of state after about so many decisions. */
  readonly changeEvery: number;
  readonly parameters?: Partial<Parameters>;
  readonly storage?: StoragePort;
  /** From one decision to the next; 10 ms when absent. */
  readonly stepMicros?: number;
}

export const start = 1_700_000_000_000_000;

export function operatorKey(seed = 3): SigningKey {
  const key = signingKeyOf('lived.test', new Uint8Array(32).fill(seed));
  if (!key.ok) throw new Error(key.error.message);
  return key.value;
}

export const operator: Author = { method: 'api_key', key_id: 'operator' };

export function keyRecord(id: string, more: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id,
    digest: 'd'.repeat(64),
    tenant: 'acme',
    permissions: ['route'],
    trust_level: 3,
    scopes: ['decide'],
    not_before: 0,
    expires: 2 * start,
    ...more,
  };
}

/** A log that the engine's own parts have written: decisions on a state that changes, attempts, fallbacks, outcomes. */
export async function liveLog(life: Life): Promise<Log<Snapshot>> {
  const random = new Random(life.seed, 0);
  const { stepMicros = 10_000 } = life;
  let now = start;
  const clock = { wallMicros: () => now, monotonicMicros: () => now };
  const state = benchState(life.services, life.rules);
  const opened = await openServerLog(life.storage ?? memoryStorage(), operatorKey(), clock, {
    parameters: { ...defaultParameters, ...life.parameters },
    contracts: state.contracts,
    policies: state.policies,
    keys: [keyRecord('operator', { scopes: ['admin'] }), keyRecord('caller')],
  });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const log = opened.value;
  const inputs = benchInputs(Math.min(life.decisions, 4_096));
  for (let i = 0; i < life.decisions; i += 1) {
    now += stepMicros;
    const asked = inputs[i % inputs.length] as (typeof inputs)[number];
    const caller: Caller = random.chance(0.5)
      ? { ...asked.caller, expires: 2 * start }
      : { ...asked.caller, method: 'api_key', key_id: 'caller', not_before: 0, expires: 2 * start };
    const seedOrigin = random.chance(0.3) ? 'server' : 'caller';
    const decision = decide({ ...asked, caller, time: now, seed: i, seedOrigin }, log.view.snapshot);
    if (!decision.ok) throw new Error(JSON.stringify(decision.error));
    await execute(log, decision.value.certificate, decision.value.chain, random, () => now);
    const due = await log.appendState<never>(({ folded }) => ok(dueEntries(folded, now)));
    if (!due.ok) throw new Error(JSON.stringify(due.error));
    if (life.changeEvery > 0 && random.chance(1 / life.changeEvery)) await change(log, random, now, i);
  }
  return log;
}

async function execute(
  log: Log<Snapshot>,
  certificate: Certificate,
  chain: readonly Contract[],
  random: Random,
  now: () => number,
): Promise<void> {
  const { outcome, id } = certificate;
  const executed = outcome.decision === 'routed' && random.chance(0.9);
  const time = now();
  const entry = { type: entryType, kind: 'decision', time, certificate } as const;
  const appended = await log.appendDecision(
    executed ? { ...entry, attempt: { rank: 0, service: outcome.selected } } : entry,
  );
  if (appended.kind !== 'appended') throw new Error(appended.kind);
  if (!executed) return;
  for (const [rank, service] of outcome.chain.entries()) {
    if (rank > 0)
      await log.appendEvents([{ type: entryType, kind: 'attempt', time, decision: id, rank, service }]);
    const measured = drawMeasured(random, chain[rank] as Contract);
    // Of some calls nobody learns how they ended.
    if (random.chance(0.02)) return;
    await log.appendEvents([outcomeOf(id, outcome, rank, chain[rank] as Contract, measured, time)]);
    if (measured.result !== 'failed') return;
  }
}

export function outcomeOf(
  decision: string,
  routed: Routed,
  rank: number,
  contract: Contract,
  measured: Measured,
  time: number,
) {
  const verdicts = enforcementVerdicts(contract, routed.promise.cost_micro_usd, {
    result: measured.result,
    latencyMicros: measured.latency_micros,
    costMicroUsd: measured.cost_micro_usd,
  });
  const service = routed.chain[rank] as ServiceReference;
  return { type: entryType, kind: 'outcome', time, decision, rank, service, measured, verdicts } as const;
}

function drawMeasured(random: Random, contract: Contract): Measured {
  const result = random.pick<Measured['result']>([
    'answered',
    'answered',
    'answered',
    'failed',
    'rejected',
    'aborted',
    'not_sent',
  ]);
  const latency = result === 'not_sent' ? 0 : random.integer(1_000, 4_000_000);
  const tokens = { input_tokens: random.integer(1, 3_000), output_tokens: random.integer(1, 900) };
  const spent = result === 'answered' ? { tokens } : {};
  const ended = result === 'answered' || result === 'rejected';
  const cost = ended ? reportedCost(contract, spent.tokens) : undefined;
  return {
    result,
    latency_micros: latency,
    ...(result === 'answered' ? { status: 200 } : result === 'rejected' ? { status: 422 } : {}),
    ...spent,
    ...(cost === undefined ? {} : { cost_micro_usd: cost }),
  };
}

async function change(log: Log<Snapshot>, random: Random, time: number, i: number): Promise<void> {
  const put = { type: entryType, time, author: operator } as const;
  const appended = await log.appendState(({ folded }) => {
    const { contracts, policies, availability } = folded.state;
    const contract = random.pick(contracts);
    const out = availability.some(({ service }) => service === contract.id);
    const policy = random.pick(policies);
    const drawn = random.pick<StateEntry>([
      { ...put, kind: 'contract.put', contract: { ...contract, version: `2.0.${i}` } },
      {
        ...put,
        kind: 'availability.put',
        service: contract.id,
        state: out ? 'available' : 'disabled',
        reason: out ? '' : 'drawn',
      },
      { ...put, kind: 'policy.put', policy: { ...policy, version: `2.0.${i}` } },
      { ...put, kind: 'key.put', key: keyRecord(`key-${i}`) },
      {
        ...put,
        kind: 'parameters.put',
        parameters: { ...folded.state.parameters, deadline_micros: 30_000_000 + i },
      },
      ...(contracts.length > 50 ? [{ ...put, kind: 'contract.remove', service: contract.id } as const] : []),
    ]);
    return ok([drawn]);
  });
  if (!appended.ok) throw new Error(JSON.stringify(appended.error));
}

export async function entriesOf(log: Log<Snapshot>): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (let index = 0; index < log.size; index += 1) entries.push((await log.read(index)) as LogEntry);
  return entries;
}
