import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../src/kernel/canonical.js';
import { AttemptCounts } from '../../../src/log/attempt-counts.js';
import type { LogEntry } from '../../../src/log/entry.js';
import { entryType } from '../../../src/log/entry.js';
import { epochDigest, epochRows, type Folded, fold } from '../../../src/log/fold.js';
import type { KeyRecord } from '../../../src/log/key-record.js';
import { decodeManifest, decodeSnapshot, encodeSnapshot } from '../../../src/log/snapshot-codec.js';
import type { Resumption } from '../../../src/log/snapshot-sections.js';
import { contracts, parameterSets, policies, serviceIds } from '../../generators/documents.js';
import { seed } from '../../support/seed.js';
import { author, decision, genesis, outcome } from '../../unit/log/entries.js';

const put = { type: entryType, time: 2, author } as const;
const keyRecords: fc.Arbitrary<KeyRecord> = fc.record(
  {
    id: fc.stringMatching(/^[0-9a-f]{16}$/),
    digest: fc.stringMatching(/^[0-9a-f]{64}$/),
    label: fc.string({ unit: 'grapheme', maxLength: 9 }),
    tenant: fc.constantFrom('acme', 'ops', '__proto__'),
    permissions: fc.constant(['chat:use']),
    trust_level: fc.nat(10),
    scopes: fc.constant(['decide']),
    not_before: fc.maxSafeNat(),
    expires: fc.maxSafeNat(),
  },
  {
    requiredKeys: ['id', 'digest', 'tenant', 'permissions', 'trust_level', 'scopes', 'not_before', 'expires'],
  },
);

/** An entry that may stand behind what is folded, or nothing where the draw does not fit. */
type Step = (folded: Folded) => LogEntry | undefined;
const registered = ({ state }: Folded, id: string) => state.contracts.some((item) => item.id === id);
const steps: fc.Arbitrary<Step> = fc.oneof(
  contracts.map(
    (contract): Step =>
      () => ({ ...put, kind: 'contract.put', contract }),
  ),
  policies.map(
    (policy): Step =>
      () => ({ ...put, kind: 'policy.put', policy }),
  ),
  parameterSets.map(
    (parameters): Step =>
      () => ({ ...put, kind: 'parameters.put', parameters }),
  ),
  keyRecords.map(
    (key): Step =>
      () => ({ ...put, kind: 'key.put', key }),
  ),
  fc.nat().map(
    (at): Step =>
      ({ keys }) => {
        const key = [...keys.keys()][at % Math.max(1, keys.size)];
        return key === undefined ? undefined : { ...put, kind: 'key.revoke', key };
      },
  ),
  serviceIds.map(
    (service): Step =>
      (folded) =>
        registered(folded, service) ? { ...put, kind: 'contract.remove', service } : undefined,
  ),
  fc.tuple(serviceIds, fc.constantFrom('available', 'disabled', 'held_out')).map(
    ([service, state]): Step =>
      (folded) =>
        registered(folded, service)
          ? { ...put, kind: 'availability.put', service, state, reason: 'why' }
          : undefined,
  ),
  fc.tuple(serviceIds, fc.constantFrom('answered', 'failed', 'aborted')).map(
    ([service, result]): Step =>
      () =>
        outcome(service, result as 'answered'),
  ),
  serviceIds.map(
    (service): Step =>
      ({ size }) => ({
        ...decision(`d${size}`, 1),
        attempt: { rank: 0, service: { service, version: '1', contract: '0'.repeat(64) } },
      }),
  ),
  fc.constant<Step>(({ state, trials, size }) => {
    const { to: from } = state.history;
    const digest = epochDigest(epochRows(trials, size));
    return {
      type: entryType,
      kind: 'history.epoch',
      time: 5,
      epoch: 1,
      from,
      to: size,
      digest,
      breaches: [],
    };
  }),
);

/** What a log of those entries would go on from. */
const resumptions: fc.Arbitrary<Resumption> = fc.array(steps, { maxLength: 40 }).map((drawn) => {
  const attempts = new AttemptCounts();
  let folded = fold(undefined, genesis);
  for (const step of drawn) {
    const entry = step(folded);
    if (entry === undefined) continue;
    folded = fold(folded, entry);
    attempts.count([entry]);
  }
  return { folded, attempts: new Map(attempts.counts) };
});

describe('a state snapshot', () => {
  it('is read as what was written, with keys and versions in their order', () => {
    let parts = 0;
    fc.assert(
      fc.property(resumptions, (resumption) => {
        const encoded = encodeSnapshot(resumption);
        parts = Math.max(parts, encoded.parts.length);
        const manifest = decodeManifest(canonicalBytes(encoded.manifest), encoded.digest);
        const decoded = decodeSnapshot(
          manifest,
          encoded.parts.map(({ bytes }) => bytes),
        );
        expect(decoded).toEqual(resumption);
        for (const field of ['keys', 'contractVersions', 'policyVersions'] as const) {
          expect([...decoded.folded[field].keys()]).toEqual([...resumption.folded[field].keys()]);
        }
        expect(encodeSnapshot(decoded)).toEqual(encoded);
      }),
      { seed, numRuns: 150 },
    );
    expect(parts).toBeGreaterThan(1);
  });

  it('has another digest for any other state', () => {
    fc.assert(
      fc.property(resumptions, resumptions, (one, other) => {
        const same = encodeSnapshot(one).digest === encodeSnapshot(other).digest;
        if (same) expect(one).toEqual(other);
        const further = { ...one, folded: fold(one.folded, outcome('said', 'failed')) };
        expect(encodeSnapshot(further).digest).not.toBe(encodeSnapshot(one).digest);
      }),
      { seed, numRuns: 50 },
    );
  });

  it('goes on as the state does that it was made of', () => {
    fc.assert(
      fc.property(resumptions, fc.array(steps, { maxLength: 10 }), ({ folded }, more) => {
        const encoded = encodeSnapshot({ folded, attempts: new Map() });
        let resumed = decodeSnapshot(
          encoded.manifest,
          encoded.parts.map(({ bytes }) => bytes),
        ).folded;
        let straight = folded;
        for (const step of more) {
          const entry = step(straight);
          if (entry === undefined) continue;
          straight = fold(straight, entry);
          resumed = fold(resumed, entry);
        }
        expect(resumed).toEqual(straight);
      }),
      { seed, numRuns: 100 },
    );
  });
});
