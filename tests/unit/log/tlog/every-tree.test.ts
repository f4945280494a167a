import { describe, expect, it } from 'vitest';
import { proveConsistency, verifyConsistency } from '../../../../src/log/tlog/consistency.js';
import { proveInclusion, verifyInclusion } from '../../../../src/log/tlog/inclusion.js';
import {
  auditPath,
  consistencyPath,
  isConsistent,
  isIncluded,
  treeHash,
} from '../../../../src/verifier/log-tree.js';
import { codeOf, flipped, grownTree, hex, unwrap } from './trees.js';

const most = 130;
const tree = grownTree(most);

describe(`every tree of up to ${most} leaves`, () => {
  it('has the root that the definition gives', () => {
    for (let n = 0; n <= most; n += 1) {
      expect(hex(tree.rootAt(n)), `size ${n}`).toBe(hex(treeHash(tree.leaves, 0, n)));
    }
  });

  it('proves every leaf; both implementations accept, and refuse each proof with any hash changed', async () => {
    let proofs = 0;
    let lies = 0;
    for (let n = 1; n <= most; n += 1) {
      const root = tree.rootAt(n);
      const leaves = tree.leaves.slice(0, n);
      for (let i = 0; i < n; i += 1) {
        const leaf = tree.leaves[i] as Uint8Array;
        const path = unwrap(await proveInclusion(tree, i, n));
        // The reference rebuilds the whole tree for each path: every seventh tree is enough to show that they agree.
        if (n % 7 === 0) expect(path.map(hex)).toEqual(auditPath(i, leaves).map(hex));
        if (codeOf(verifyInclusion(root, n, i, leaf, path)) !== 'ok' || !isIncluded(i, n, leaf, path, root)) {
          expect.fail(`leaf ${i} of ${n} is refused`);
        }
        proofs += 1;
        const changed = [...path.keys()].map((j) => path.with(j, flipped(path[j] as Uint8Array)));
        const shorter = path.length === 0 ? [] : [path.slice(1), path.slice(0, -1)];
        for (const lie of [...changed, ...shorter, [...path, root]]) {
          const code = codeOf(verifyInclusion(root, n, i, leaf, lie));
          if (code !== 'proof_wrong' || isIncluded(i, n, leaf, lie, root))
            expect.fail(`a lie about ${i} of ${n}`);
          lies += 1;
        }
      }
    }
    console.log(`inclusion: ${proofs} proofs, ${lies} lies`);
    expect(proofs).toBe((most * (most + 1)) / 2);
    expect(lies).toBeGreaterThan(50_000);
  }, 120_000);

  it('proves every growth; both implementations accept, and refuse each proof with any hash changed', async () => {
    let proofs = 0;
    let lies = 0;
    for (let n = 1; n <= most; n += 1) {
      const after = tree.rootAt(n);
      for (let m = 0; m <= n; m += 1) {
        const before = tree.rootAt(m);
        const proof = unwrap(await proveConsistency(tree, m, n));
        if (n % 7 === 0) expect(proof.map(hex)).toEqual(consistencyPath(m, tree.leaves.slice(0, n)).map(hex));
        const code = codeOf(verifyConsistency(m, n, before, after, proof));
        if (code !== 'ok' || !isConsistent(m, n, before, after, proof))
          expect.fail(`${m} to ${n} is refused`);
        proofs += 1;
        const changed = [...proof.keys()].map((j) => proof.with(j, flipped(proof[j] as Uint8Array)));
        const shorter = proof.length === 0 ? [] : [proof.slice(1), proof.slice(0, -1)];
        for (const lie of [...changed, ...shorter, [...proof, after]]) {
          const verdict = codeOf(verifyConsistency(m, n, before, after, lie));
          if (verdict !== 'proof_wrong' || isConsistent(m, n, before, after, lie))
            expect.fail(`a lie about ${m} to ${n}`);
          lies += 1;
        }
        for (const [b, a] of [
          [flipped(before), after],
          [before, flipped(after)],
        ] as const) {
          const verdict = codeOf(verifyConsistency(m, n, b, a, proof));
          // Nothing is claimed about where an empty tree went: any root follows it.
          if (m === 0 && b === before) continue;
          if (verdict !== 'proof_wrong' || isConsistent(m, n, b, a, proof))
            expect.fail(`a root of ${m} to ${n}`);
          lies += 1;
        }
      }
    }
    console.log(`consistency: ${proofs} proofs, ${lies} lies`);
    expect(proofs).toBe((most * (most + 3)) / 2);
    expect(lies).toBeGreaterThan(50_000);
  }, 120_000);
});
