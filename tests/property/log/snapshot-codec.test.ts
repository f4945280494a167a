import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../src/kernel/canonical.js';
import { Defect } from '../../../src/kernel/errors.js';
import { SortedMap } from '../../../src/kernel/sorted-map.js';
import { AttemptCounts } from '../../../src/log/attempt-counts.js';
import { breakerAuthor } from '../../../src/log/breaker.js';
import type { LogEntry } from '../../../src/log/entry.js';
import { entryType } from '../../../src/log/entry.js';
import { tableOf } from '../../../src/log/epoch.js';
import { type Folded, fold } from '../../../src/log/fold.js';
import type { KeyRecord } from '../../../src/log/key-record.js';
import { decodeManifest, decodeSnapshot, encodeSnapshot } from '../../../src/log/snapshot-codec.js';
import type { Resumption } from '../../../src/log/snapshot-sections.js';
import { contracts, parameterSets, policies } from '../../generators/documents.js';
import { seed } from '../../support/seed.js';
import { author, contractPut, decision, genesis, outcome } from '../../unit/log/entries.js';

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

/** An entry to put behind what is folded. */
type Step = (folded: Folded) => LogEntry;
const verdict = { property: 'latency_max_micros', bound: 5 } as const;
/** Few, so that entries meet the services of others. */
const serviceIds = fc.constantFrom('said', 'vee', '__proto__');
const often = { history: { epoch_trials: 1, epoch_micros: 1 }, breaker: { failures: 1, cooldown_micros: 1 } };
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
        const key = [...keys.keys()][at % Math.max(1, keys.size)] ?? 'none';
        return { ...put, kind: 'key.revoke', key };
      },
  ),
  serviceIds.map(
    (service): Step =>
      () => ({ ...put, kind: 'contract.remove', service }),
  ),
  fc
    .tuple(
      serviceIds,
      fc.constantFrom('available', 'disabled', 'held_out'),
      fc.constantFrom(author, breakerAuthor),
    )
    .map(
      ([service, state, by]): Step =>
        () => ({ ...put, author: by, kind: 'availability.put', service, state, reason: 'why' }),
    ),
  fc.tuple(serviceIds, fc.constantFrom('answered', 'failed', 'aborted'), fc.boolean()).map(
    ([service, result, held]): Step =>
      () => ({ ...outcome(service, result as 'answered'), verdicts: [{ ...verdict, held }] }),
  ),
  serviceIds.map(
    (service): Step =>
      ({ size }) => ({
        ...decision(`d${size}`, 1),
        attempt: { rank: 0, service: { service, version: '1', contract: '0'.repeat(64) } },
      }),
  ),
  fc.constant<Step>(({ breakers, state }) => {
    const failing = [...breakers.streaks.keys()].find((id) => state.contracts.some((item) => item.id === id));
    const service = failing ?? 'none';
    return {
      ...put,
      author: breakerAuthor,
      kind: 'availability.put',
      service,
      state: 'held_out',
      reason: 'why',
    };
  }),
  fc.constant<Step>(({ epoch, size }) => {
    const { digest, breaches } = tableOf(epoch);
    const { epoch: number, from } = epoch;
    return {
      type: entryType,
      kind: 'history.epoch',
      time: 5,
      epoch: number,
      from,
      to: size,
      digest,
      breaches,
    };
  }),
);

/** The state behind the entry, and nothing of it where it may not stand there. */
function behind(folded: Folded, entry: LogEntry): Folded | undefined {
  try {
    return fold(folded, entry);
  } catch (cause) {
    if (cause instanceof Defect) return undefined;
    throw cause;
  }
}

const first = { ...genesis, parameters: { ...genesis.parameters, ...often } };

/** What a log of those entries would go on from. */
const resumptions: fc.Arbitrary<Resumption> = fc
  .array(steps, { minLength: 1, maxLength: 60, size: 'max' })
  .map((drawn) => {
    const attempts = new AttemptCounts();
    let folded = ['said', 'vee'].reduce(
      (before, id) => fold(before, contractPut(id)),
      fold(undefined, first),
    );
    for (const step of drawn) {
      const entry = step(folded);
      const next = behind(folded, entry);
      if (next === undefined) continue;
      folded = next;
      attempts.count([entry]);
    }
    return { folded, attempts: new Map(attempts.counts), latestDecision: folded.size };
  });

/** Maps as lists of their entries: two of the same content may be balanced otherwise. */
function plain(value: unknown): unknown {
  if (value instanceof SortedMap || value instanceof Map) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

/** Whether each part of the state that holds nothing at first holds something. */
function filledParts({ state, breakers, epoch, ...folded }: Folded): Readonly<Record<string, boolean>> {
  return {
    keys: folded.keys.size > 0,
    contractVersions: folded.contractVersions.size > 0,
    policyVersions: folded.policyVersions.size > 0,
    breaches: folded.breaches.length > 0,
    streaks: breakers.streaks.size > 0,
    heldOut: breakers.heldOut.size > 0,
    rows: epoch.rows.size > 0,
    epochs: epoch.epoch > 1,
    contracts: state.contracts.length > 0,
    policies: state.policies.length > 0,
    history: state.history.rows.length > 0,
    availability: state.availability.length > 0,
  };
}

describe('a state snapshot', () => {
  it('is read as what was written, with something in each of its fields', () => {
    let parts = 0;
    const filled = new Map<string, boolean>();
    fc.assert(
      fc.property(resumptions, (resumption) => {
        const encoded = encodeSnapshot(resumption);
        parts = Math.max(parts, encoded.parts.length);
        const manifest = decodeManifest(canonicalBytes(encoded.manifest), encoded.digest);
        const decoded = decodeSnapshot(
          manifest,
          encoded.parts.map(({ bytes }) => bytes),
        );
        expect(plain(decoded)).toEqual(plain(resumption));
        for (const [part, isFilled] of Object.entries(filledParts(resumption.folded)))
          filled.set(part, isFilled || filled.get(part) === true);
        expect(encodeSnapshot(decoded)).toEqual(encoded);
      }),
      { seed, numRuns: 60 },
    );
    expect(parts).toBeGreaterThan(1);
    expect([...filled].filter(([, isFilled]) => !isFilled)).toEqual([]);
  });

  it('has another digest for any other state', () => {
    fc.assert(
      fc.property(resumptions, resumptions, (one, other) => {
        const same = encodeSnapshot(one).digest === encodeSnapshot(other).digest;
        if (same) expect(plain(one)).toEqual(plain(other));
        const further = { ...one, folded: fold(one.folded, outcome('said', 'failed')) };
        expect(encodeSnapshot(further).digest).not.toBe(encodeSnapshot(one).digest);
      }),
      { seed, numRuns: 50 },
    );
  });

  it('goes on as the state does that it was made of', () => {
    fc.assert(
      fc.property(resumptions, fc.array(steps, { maxLength: 10 }), ({ folded }, more) => {
        const encoded = encodeSnapshot({ folded, attempts: new Map(), latestDecision: -1 });
        let resumed = decodeSnapshot(
          encoded.manifest,
          encoded.parts.map(({ bytes }) => bytes),
        ).folded;
        let straight = folded;
        for (const step of more) {
          const entry = step(straight);
          const next = behind(straight, entry);
          expect(behind(resumed, entry) === undefined).toBe(next === undefined);
          straight = next ?? straight;
          resumed = behind(resumed, entry) ?? resumed;
        }
        expect(plain(resumed)).toEqual(plain(straight));
      }),
      { seed, numRuns: 60 },
    );
  });
});
