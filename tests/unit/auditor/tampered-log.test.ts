import { beforeAll, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../src/log/entry.js';
import { verifierKeyOf } from '../../../src/proofs/signing-key.js';
import type { LogFaultCode } from '../../../src/verifier/log-fault.js';
import { entriesOf, keyRecord, liveLog, operator, operatorKey, start } from '../../generators/lived-log.js';
import { type Published, publishLog } from '../../generators/published-log.js';
import { audited, auditPlan } from '../../support/audited.js';

const key = operatorKey();
const vkey = verifierKeyOf(key);
let entries: readonly LogEntry[];
let original: Published;

beforeAll(async () => {
  const log = await liveLog({ seed: 11, decisions: 150, services: 30, rules: 20, changeEvery: 8 });
  entries = await entriesOf(log);
  original = publishLog(entries, key);
}, 120_000);

type Kind = LogEntry['kind'];
type Of<K extends Kind> = Extract<LogEntry, { kind: K }>;

/** Index of the nth entry of a kind for which `holds`. */
function indexOf<K extends Kind>(
  kind: K,
  holds: (entry: Of<K>, index: number) => boolean = () => true,
  nth = 0,
): number {
  const found = entries.flatMap((entry, i) => (entry.kind === kind && holds(entry as Of<K>, i) ? [i] : []));
  const index = found[nth];
  if (index === undefined) throw new Error(`the log has no such ${kind}`);
  return index;
}

function at<K extends Kind>(kind: K, index: number): Of<K> {
  const entry = entries[index];
  if (entry?.kind !== kind) throw new Error(`entry ${index} is no ${kind}`);
  return entry as Of<K>;
}

const withEntry = (index: number, entry: object): object[] => entries.toSpliced(index, 1, entry as LogEntry);
const without = (index: number): object[] => entries.toSpliced(index, 1);
const inserted = (index: number, entry: object): object[] => entries.toSpliced(index, 0, entry as LogEntry);
const swapped = (index: number): object[] =>
  entries.toSpliced(index, 2, entries[index + 1] as LogEntry, entries[index] as LogEntry);

/** What an operator who has the key can do: hashed and signed anew, so only what the entries say can tell. */
interface Tampering {
  readonly what: string;
  readonly code: LogFaultCode;
  /** The tampered entries, and the index of the entry that is to be named. */
  readonly make: () => { readonly tampered: object[]; readonly named: number };
}

const routedAttempt = ({ attempt }: Of<'decision'>): boolean => attempt !== undefined;
const answered = ({ measured, verdicts }: Of<'outcome'>): boolean =>
  measured.result === 'answered' && verdicts.some(({ property }) => property.startsWith('latency'));
const nextKind = (index: number): Kind | undefined => entries[index + 1]?.kind;

const tamperings: readonly Tampering[] = [
  {
    what: 'an outcome whose latency was rewritten',
    code: 'verdicts_wrong',
    make: () => {
      const index = indexOf('outcome', answered);
      const outcome = at('outcome', index);
      const slow = outcome.verdicts.some(({ property, held }) => property.startsWith('latency') && held);
      const latency = slow ? 900_000_000 : 1;
      return {
        tampered: withEntry(index, {
          ...outcome,
          measured: { ...outcome.measured, latency_micros: latency },
        }),
        named: index,
      };
    },
  },
  {
    what: 'an outcome whose cost was rewritten',
    code: 'cost_wrong',
    make: () => {
      const index = indexOf('outcome', ({ measured }) => measured.cost_micro_usd !== undefined);
      const outcome = at('outcome', index);
      return {
        tampered: withEntry(index, { ...outcome, measured: { ...outcome.measured, cost_micro_usd: 0 } }),
        named: index,
      };
    },
  },
  {
    what: 'a decision whose selected service was rewritten',
    code: 'decision_wrong',
    make: () => {
      const index = indexOf(
        'decision',
        ({ certificate: { outcome, ranking } }) => outcome.decision === 'routed' && ranking.best.length > 1,
      );
      const { certificate, ...entry } = at('decision', index);
      const second = certificate.ranking.best[1];
      if (certificate.outcome.decision === 'refused' || second === undefined) throw new Error('not routed');
      const { service, version, contract } = second;
      const selected = { service, version, contract };
      const outcome = {
        ...certificate.outcome,
        selected,
        chain: [selected, ...certificate.outcome.chain.slice(1)],
      };
      return {
        tampered: withEntry(index, { ...entry, certificate: { ...certificate, outcome } }),
        named: index,
      };
    },
  },
  {
    what: 'a request that was rewritten',
    code: 'decision_wrong',
    make: () => {
      const index = indexOf('decision', ({ certificate }) =>
        certificate.inputs.request.data.contains.includes('phi'),
      );
      const { certificate, ...entry } = at('decision', index);
      const { request } = certificate.inputs;
      const clean = { ...request, data: { ...request.data, contains: [] } };
      const inputs = { ...certificate.inputs, request: clean };
      return {
        tampered: withEntry(index, { ...entry, certificate: { ...certificate, inputs } }),
        named: index,
      };
    },
  },
  {
    what: 'a state entry that was dropped',
    code: 'state_outdated',
    make: () => {
      const index = indexOf('contract.put', (_, i) => i > 60 && nextKind(i) === 'decision');
      return { tampered: without(index), named: index };
    },
  },
  {
    what: 'an attempt that was dropped',
    code: 'outcome_without_attempt',
    make: () => {
      const index = indexOf('attempt', (_, i) => nextKind(i) === 'outcome');
      return { tampered: without(index), named: index };
    },
  },
  {
    what: 'a decision that was dropped',
    code: 'outcome_without_attempt',
    make: () => {
      const index = indexOf('decision', (entry, i) => routedAttempt(entry) && nextKind(i) === 'outcome');
      return { tampered: without(index), named: index };
    },
  },
  {
    what: 'an entry put in with a time that has passed',
    code: 'backdated',
    make: () => {
      const entry = {
        type: 'caio/entry/v1',
        kind: 'erasure',
        time: start - 3_600e6,
        author: operator,
        action: 'erase',
      };
      return { tampered: inserted(entries.length - 5, entry), named: entries.length - 5 };
    },
  },
  {
    what: 'an outcome that stands before its decision',
    code: 'outcome_without_attempt',
    make: () => {
      const index = indexOf('decision', (entry, i) => routedAttempt(entry) && nextKind(i) === 'outcome');
      return { tampered: swapped(index), named: index };
    },
  },
  {
    what: 'a decision on an outdated state: behind the change that came after it',
    code: 'state_outdated',
    make: () => {
      const index = indexOf('decision', (_, i) => nextKind(i)?.endsWith('.put') === true);
      return { tampered: swapped(index), named: index + 1 };
    },
  },
  {
    what: 'a contract changed after the fact',
    code: 'state_differs',
    make: () => {
      const first = indexOf('decision');
      const index = indexOf('contract.put');
      const put = at('contract.put', index);
      const contract = { ...put.contract, alignment: { ...put.contract.alignment, risk_ppm: 1 } };
      return { tampered: withEntry(index, { ...put, contract }), named: first };
    },
  },
  {
    what: 'other content under a version that is known',
    code: 'contract_changed',
    make: () => {
      const put = at('contract.put', indexOf('contract.put'));
      const contract = { ...put.contract, description: 'another' };
      const entry = { ...put, author: operator, time: (entries.at(-1) as LogEntry).time, contract };
      return { tampered: [...entries, entry], named: entries.length };
    },
  },
  {
    what: 'an attempt without a decision',
    code: 'attempt_without_decision',
    make: () => {
      const index = indexOf('attempt');
      const entry = { ...at('attempt', index), decision: 'a'.repeat(64) };
      return { tampered: withEntry(index, entry), named: index };
    },
  },
  {
    what: 'an attempt at a service outside of the certified chain',
    code: 'attempt_outside_chain',
    make: () => {
      const index = indexOf('attempt');
      const attempt = at('attempt', index);
      const service = { ...attempt.service, service: 'service-99999' };
      return { tampered: withEntry(index, { ...attempt, service }), named: index };
    },
  },
  {
    what: 'an attempt twice',
    code: 'attempt_twice',
    make: () => {
      const index = indexOf('attempt');
      return { tampered: inserted(index, at('attempt', index)), named: index + 1 };
    },
  },
  {
    what: 'an outcome twice',
    code: 'outcome_twice',
    make: () => {
      const index = indexOf('outcome', (_, i) => nextKind(i) === 'outcome' || nextKind(i) === 'decision');
      return { tampered: inserted(index, at('outcome', index)), named: index + 1 };
    },
  },
  {
    what: 'a decision twice',
    code: 'decision_twice',
    make: () => {
      const index = indexOf('decision', (_, i) => nextKind(i) === 'decision');
      return { tampered: inserted(index, at('decision', index)), named: index + 1 };
    },
  },
  {
    what: 'a removal of what is not there',
    code: 'removal_of_nothing',
    make: () => {
      const { time } = entries.at(-1) as LogEntry;
      const entry = { type: 'caio/entry/v1', kind: 'policy.remove', time, author: operator, policy: 'none' };
      return { tampered: [...entries, entry], named: entries.length };
    },
  },
  {
    what: 'a second genesis',
    code: 'genesis_misplaced',
    make: () => ({ tampered: [...entries, entries[0] as LogEntry], named: entries.length }),
  },
  {
    what: 'an entry with a field that no entry has',
    code: 'entry_malformed',
    make: () => {
      const index = indexOf('outcome');
      return { tampered: withEntry(index, { ...at('outcome', index), note: 'x' }), named: index };
    },
  },
  {
    what: 'a change by a local author after the setup',
    code: 'author_not_allowed',
    make: () => {
      const { time } = entries.at(-1) as LogEntry;
      const author = { method: 'local', key_id: 'setup' };
      const entry = { type: 'caio/entry/v1', kind: 'key.put', time, author, key: keyRecord('late') };
      return { tampered: [...entries, entry], named: entries.length };
    },
  },
  {
    what: 'a breaker that acts without a streak',
    code: 'breaker_wrong',
    make: () => {
      const time = (entries.at(-1) as LogEntry).time;
      const service = at('contract.put', indexOf('contract.put')).contract.id;
      const author = { method: 'local', key_id: 'breaker' };
      const entry = {
        type: 'caio/entry/v1',
        kind: 'availability.put',
        time,
        author,
        service,
        state: 'held_out',
        reason: 'failures',
      };
      return { tampered: inserted(indexOf('decision'), entry), named: indexOf('decision') };
    },
  },
  {
    what: 'a decision by a key that is revoked',
    code: 'caller_key_wrong',
    make: () => {
      const index = indexOf('decision', ({ certificate }) => certificate.inputs.caller.method === 'api_key');
      const time = (entries[index] as LogEntry).time;
      const entry = { type: 'caio/entry/v1', kind: 'key.revoke', time, author: operator, key: 'caller' };
      return { tampered: inserted(index, entry), named: index + 1 };
    },
  },
  {
    what: 'a change without the signature that parameters ask for',
    code: 'change_missing',
    make: () => {
      const { time } = entries.at(-1) as LogEntry;
      const genesis = at('genesis', 0);
      const put = { type: 'caio/entry/v1', time, author: operator };
      const parameters = { ...genesis.parameters, approval: { key: 'author_and_approver' } };
      const tampered = [
        ...entries,
        { ...put, kind: 'parameters.put', parameters },
        { ...put, kind: 'key.put', key: keyRecord('unapproved') },
      ];
      return { tampered, named: entries.length + 1 };
    },
  },
  {
    what: 'an epoch that was not due, of rows that nobody counted',
    code: 'epoch_not_due',
    make: () => {
      const { time } = entries.at(-1) as LogEntry;
      const to = entries.length;
      const entry = {
        type: 'caio/entry/v1',
        kind: 'history.epoch',
        time,
        epoch: 1,
        from: 0,
        to,
        digest: '0'.repeat(64),
        breaches: [],
      };
      return { tampered: [...entries, entry], named: entries.length };
    },
  },
];

describe('a log hashed and signed anew by an operator who has the key', () => {
  it('holds when nothing was tampered with', async () => {
    const report = await audited(original, auditPlan(vkey));
    expect(report.faults).toEqual({ total: 0, by_code: {}, first: [] });
    expect(report.holds).toBe(true);
  });

  it.each(tamperings)('is found out: $what', async ({ code, make }) => {
    const { tampered, named } = make();
    const report = await audited(publishLog(tampered, key), auditPlan(vkey));
    expect(report.holds).toBe(false);
    const found = report.faults.first.filter((fault) => fault.code === code).map(({ index }) => index);
    expect(found).toContain(named);
    expect(Math.min(...found)).toBe(named);
  });
});

describe('what the entries cannot tell', () => {
  const quietly = (): object[] => {
    const index = indexOf('outcome', answered);
    const outcome = at('outcome', index);
    return withEntry(index, { ...outcome, measured: { ...outcome.measured, answer_bytes: 12345 } });
  };
  const since = (): Uint8Array => original.checkpoint;

  it.each([
    ['an entry rewritten so that all adds up', quietly],
    [
      'the last entry dropped and another put in its place',
      () => [...entries.slice(0, -1), entries[0] as object],
    ],
    [
      'two outcomes that changed places',
      () => {
        const index = entries.findIndex(
          (entry, i) => entry.kind === 'outcome' && entries[i + 1]?.kind === 'decision',
        );
        return swapped(index);
      },
    ],
  ])('is told by an earlier checkpoint: %s', async (_, tamper) => {
    const report = await audited(publishLog(tamper(), key), auditPlan(vkey, { since: since() }));
    expect(report.faults.by_code).toHaveProperty('earlier_root_wrong', 1);
  });

  it('passes without one, where all adds up', async () => {
    const report = await audited(publishLog(quietly(), key), auditPlan(vkey));
    expect(report.holds).toBe(true);
  });

  it('is told when the log has become shorter', async () => {
    const report = await audited(publishLog(entries.slice(0, -3), key), auditPlan(vkey, { since: since() }));
    expect(report.faults.by_code).toEqual({ log_went_back: 1 });
  });

  it('is no fault of a log that has grown', async () => {
    const earlier = publishLog(entries.slice(0, 100), key).checkpoint;
    const report = await audited(original, auditPlan(vkey, { since: earlier }));
    expect(report.holds).toBe(true);
    expect(report.log.since?.size).toBe(100);
  });
});

describe('a log that was tampered with by somebody without the key', () => {
  it('names the entry that was rewritten in its bundle', async () => {
    const changed = publishLog(withEntry(77, { ...(entries[77] as LogEntry), time: start + 1 }), key);
    const mixed = { ...original, source: { ...original.source, readBundle: changed.source.readBundle } };
    const report = await audited(mixed, auditPlan(vkey));
    const codes = report.faults.first.map(({ code, index }) => `${code} ${index}`);
    expect(codes).toContain('entry_rewritten 77');
    expect(codes).toContain(`root_wrong ${entries.length}`);
  });

  it('names the tile that was changed', async () => {
    const changed = publishLog(withEntry(77, { ...(entries[77] as LogEntry), time: start + 1 }), key);
    const mixed = { ...original, source: { ...original.source, readTile: changed.source.readTile } };
    const report = await audited(mixed, auditPlan(vkey));
    expect(report.faults.first.map(({ code }) => code)).toContain('entry_rewritten');
  });

  it('says that a bundle is missing, and how far it came', async () => {
    const source = { ...original.source, readBundle: async () => undefined };
    const report = await audited({ ...original, source }, auditPlan(vkey));
    expect(report.holds).toBe(false);
    expect(report.read).toBe(0);
  });

  it('refuses a checkpoint signed with another key', async () => {
    const forged = publishLog(entries, operatorKey(4));
    const report = await audited(forged, auditPlan(vkey));
    expect(report.faults.by_code).toHaveProperty('checkpoint_forged', 1);
    expect(report.log.signed).toBe(false);
  });

  it('refuses a checkpoint with a changed signature', async () => {
    const text = Buffer.from(original.checkpoint).toString();
    const at = text.lastIndexOf('=') - 6;
    const other = text[at] === 'A' ? 'B' : 'A';
    const checkpoint = Buffer.from(text.slice(0, at) + other + text.slice(at + 1));
    const report = await audited({ ...original, checkpoint }, auditPlan(vkey));
    expect(report.faults.first[0]?.message).toMatch(/signature_wrong/);
    expect(report.faults.by_code).toEqual({ checkpoint_forged: 1 });
  });

  it('refuses the log of another key, though that key signed it', async () => {
    const other = operatorKey(4);
    const report = await audited(publishLog(entries, other), auditPlan(verifierKeyOf(other)));
    expect(report.faults.by_code).toEqual({ genesis_of_another_log: 1 });
  });
});
