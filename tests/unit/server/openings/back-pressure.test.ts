import { expect, it } from 'vitest';
import { CommitQueue } from '../../../../src/server/openings/commit-queue.js';
import { memoryVault } from '../../../../src/server/openings/memory-vault.js';
import type { VaultChange, VaultStore } from '../../../../src/server/openings/vault-port.js';
import { keptOpenings, newKept, openKept } from '../../../fixtures/server/opened-vault.js';

/** A vault whose disk is slow: a commit is not done before `release`. */
function slowVault(): VaultStore & { readonly commits: VaultChange[]; hold(): () => void } {
  const store = memoryVault();
  const commits: VaultChange[] = [];
  let held: Promise<void> | undefined;
  const commit = async (change: VaultChange) => {
    await held;
    commits.push(change);
    await store.commit(change);
  };
  const hold = () => {
    let release: () => void = () => undefined;
    held = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  };
  return { ...store, commits, commit, hold };
}

it('decisions whose openings wait for a slow disk are so many and no more; the next one is told to come again', async () => {
  const store = slowVault();
  const { vault } = await openKept(newKept({ store }));
  const release = store.hold();
  const puts = Array.from({ length: 4096 }, (_, i) => vault.openings.putAhead(keptOpenings(`d${i}`)));
  await expect(vault.openings.putAhead(keptOpenings('late'))).rejects.toMatchObject({
    code: 'unavailable',
    retryable: true,
  });
  release();
  await Promise.all(puts);
  await vault.openings.putAhead(keptOpenings('late'));
  expect((await vault.openings.find('late', 'a key')).left).toHaveLength(2);
});

it('changes that wait share commits of some megabytes each, in their order, and one that is larger has its own', async () => {
  const store = slowVault();
  const queue = new CommitQueue(store, () => []);
  const mebibytes = [3, 3, 3, 9, 1, 1];
  await Promise.all(
    mebibytes.map((size, i) =>
      queue.commit({ puts: [{ name: `r${i}`, bytes: new Uint8Array(size * 1024 * 1024) }] }),
    ),
  );
  expect(store.commits.map(({ puts = [] }) => puts.map(({ name }) => name))).toEqual([
    ['r0', 'r1'],
    ['r2'],
    ['r3'],
    ['r4', 'r5'],
  ]);
});
