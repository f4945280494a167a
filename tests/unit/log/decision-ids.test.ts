import { describe, expect, it } from 'vitest';
import type { State } from '../../../src/contracts/state.js';
import { ok } from '../../../src/kernel/result.js';
import { DecisionIds } from '../../../src/log/decision-ids.js';
import { memoryStorage } from '../../../src/log/drivers/memory.js';
import type { DecisionEntry } from '../../../src/log/entry.js';
import { openLog } from '../../../src/log/open-log.js';
import { decision, genesis, signer } from './entries.js';

const buildSnapshot = (state: State) => ok(state.as_of);

async function open(storage = memoryStorage()) {
  const log = await openLog({ storage, buildSnapshot, signer }, genesis);
  if (!log.ok) throw new Error('not opened');
  return log.value;
}

function at(id: string, time: number): DecisionEntry {
  const entry = decision(id, 1);
  const inputs = { ...entry.certificate.inputs, time };
  return { ...entry, certificate: { ...entry.certificate, inputs } };
}

describe('a decision of an id that the log has', () => {
  it('is not appended again, by the same process or another one', async () => {
    const storage = memoryStorage();
    const [one, other] = [await open(storage), await open(storage)];
    expect(await one.appendDecision(at('d', 5))).toEqual({ kind: 'appended', index: 1 });
    expect(await one.appendDecision(at('d', 5))).toEqual({ kind: 'stale' });
    expect(await other.appendDecision(at('d', 5))).toEqual({ kind: 'stale' });
    expect(await other.appendDecision(at('e', 5))).toEqual({ kind: 'appended', index: 2 });
    expect([one.size, other.size]).toEqual([2, 3]);
  });

  it('is not appended with its double in one batch', async () => {
    const log = await open();
    const appended = await Promise.all(['c', 'd', 'd', 'e', 'd'].map((id) => log.appendDecision(at(id, 5))));
    expect(appended.map(({ kind }) => kind)).toEqual(['appended', 'appended', 'stale', 'appended', 'stale']);
    expect(log.size).toBe(4);
  });

  it('is known after it was forgotten here, since it is looked up then, and a later one is not', async () => {
    const log = await open();
    const entries = Array.from({ length: 20 }, (_, i) => at(`d${i}`, 100 - i));
    for (const entry of entries) await log.appendDecision(entry);
    let reads = 0;
    const storage = {
      ...log.storage,
      readIndex: (key: string) => {
        reads += 1;
        return log.storage.readIndex(key);
      },
    };
    const ids = new DecisionIds(-1, 8);
    ids.add(entries);
    for (const entry of entries) expect(await ids.has(entry, storage)).toBe(true);
    expect(reads).toBe(12);
    expect(await ids.has(at('new', 100), storage)).toBe(false);
    expect(reads).toBe(13);
    expect(await ids.has(at('new', 101), storage)).toBe(false);
    expect(reads).toBe(13);
  });
});
