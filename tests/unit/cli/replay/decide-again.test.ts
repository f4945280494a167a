import { beforeAll, describe, expect, it } from 'vitest';
import type { LogSource } from '../../../../src/cli/log-source/log-source.js';
import { decideAllAgain } from '../../../../src/cli/replay/decide-again.js';
import type { Outcome } from '../../../../src/cli/replay/worker-message.js';
import type { Policy } from '../../../../src/contracts/policy.js';
import { canonicalBytes } from '../../../../src/kernel/canonical.js';
import { memoryStorage } from '../../../../src/log/drivers/memory.js';
import { entryKey } from '../../../../src/log/index-rows.js';
import type { Head, StoragePort } from '../../../../src/log/port.js';
import { storedTiles } from '../../../../src/log/stored-tiles.js';
import { liveLog } from '../../../generators/lived-log.js';
import { seed } from '../../../support/seed.js';
import { storageWith } from '../../../support/storage-with.js';

const io = { out: () => {}, err: () => {}, env: {}, now: () => 0, color: false };
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
const replacement = { policies: [policy], mode: 'on top' } as const;

const storage = memoryStorage();
let head: Head;
beforeAll(async () => {
  await liveLog({ seed, decisions: 700, services: 30, rules: 5, changeEvery: 40, storage });
  head = (await storage.readHead()) as Head;
}, 60_000);

function sourceOf(store: StoragePort, at: Head = head): LogSource {
  const checkpoint = async () => '';
  const close = async () => {};
  return { place: 'memory', head: async () => at, checkpoint, close, ...storedTiles(store, at.size) };
}

/** The log with another entry at an index: what `change` makes of it. */
function changedAt(at: number, change: (entry: Record<string, unknown>) => unknown): StoragePort {
  return storageWith(storage, {
    readBlobs: async (keys) => {
      const found = await storage.readBlobs(keys);
      return found.map((bytes, i) => {
        if (keys[i] !== entryKey(at) || bytes === undefined) return bytes;
        return canonicalBytes(change(JSON.parse(Buffer.from(bytes).toString())));
      });
    },
  });
}

/** What is seen until a fault of the replay, or the end, and what it ended with. */
async function decided(source: LogSource, jobs: number, within = (_index: number) => true) {
  const seen: Outcome[] = [];
  let ended: unknown;
  const plan = { replacement, within: (_: unknown, index: number) => within(index), jobs };
  await decideAllAgain(source, io, plan, (outcome) => {
    seen.push(outcome);
    if (!outcome.result.ok) throw new Error(`stopped at ${outcome.index}`);
  }).catch((cause: unknown) => {
    ended = (cause as Error).message;
  });
  return { seen, ended };
}

describe('decisions that are decided again on several threads', () => {
  it('come to the same as on one, in the order of the log', async () => {
    const one = await decided(sourceOf(storage), 1);
    expect(head.size).toBeGreaterThan(1_050);
    expect(one.seen).toHaveLength(700);
    expect(one.ended).toBeUndefined();
    const changed = one.seen.filter(({ result }) => result.ok && result.value.changed !== undefined);
    expect(changed.length).toBeGreaterThan(10);
    for (const jobs of [2, 3]) expect(await decided(sourceOf(storage), jobs)).toEqual(one);
  }, 60_000);

  it('are those of the period only', async () => {
    const within = (index: number) => index >= 500 && index < 900;
    const one = await decided(sourceOf(storage), 1, within);
    expect(one.seen.length).toBeGreaterThan(50);
    expect(await decided(sourceOf(storage), 3, within)).toEqual(one);
  }, 60_000);

  it.each([
    ['a decision that does not come out as it was', 'certificate', /^stopped at \d+$/],
    ['another root', 'root', /hash to/],
    ['an entry that cannot stand there', 'kind', /cannot stand there/],
  ] as const)(
    'end as on one thread with %s',
    async (_, what, message) => {
      const plain = await decided(sourceOf(storage), 1);
      const at = plain.seen.find(({ index }) => index > 700)?.index ?? 0;
      const source = () => {
        switch (what) {
          case 'certificate':
            return sourceOf(
              changedAt(at, (entry) => {
                const certificate = entry.certificate as { readonly inputs: object };
                return {
                  ...entry,
                  certificate: { ...certificate, inputs: { ...certificate.inputs, seed: 77_777 } },
                };
              }),
            );
          case 'root':
            return sourceOf(storage, { size: head.size, root: 'e'.repeat(64) as Head['root'] });
          case 'kind':
            return sourceOf(
              changedAt(at, () => ({
                type: 'caio/entry/v1',
                kind: 'contract.remove',
                time: 1,
                service: 'nobody',
              })),
            );
          default:
            return what satisfies never;
        }
      };
      const one = await decided(source(), 1);
      expect(one.ended).toMatch(message);
      for (const jobs of [2, 3]) expect(await decided(source(), jobs)).toEqual(one);
    },
    60_000,
  );
});
