import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalText } from '../../src/kernel/canonical.js';
import type { LogEntry } from '../../src/log/entry.js';
import { type Folded, fold } from '../../src/log/fold.js';
import { verifierKeyOf } from '../../src/proofs/signing-key.js';
import { beginLog, takeEntry } from '../../src/verifier/log-fold.js';
import { entriesOf, liveLog, operatorKey } from '../generators/lived-log.js';
import { publishLog } from '../generators/published-log.js';
import { audited, auditPlan } from '../support/audited.js';

// Short epochs and quick breakers, so that a log has many of both.
const parameters = {
  history: { epoch_trials: 15, epoch_micros: 400_000 },
  breaker: { failures: 1, cooldown_micros: 60_000 },
};

describe.each([21, 22, 23])('a log that the engine wrote (seed %i)', (seed) => {
  let entries: readonly LogEntry[];

  beforeAll(async () => {
    const life = { seed, decisions: 200, services: 12, rules: 10, changeEvery: 6, parameters };
    entries = await entriesOf(await liveLog(life));
  }, 120_000);

  const count = (holds: (entry: LogEntry) => boolean): number => entries.filter(holds).length;

  it('closes epochs and holds services out', () => {
    expect(count(({ kind }) => kind === 'history.epoch')).toBeGreaterThan(3);
    expect(count((entry) => 'author' in entry && entry.author.key_id === 'breaker')).toBeGreaterThan(0);
  });

  it('is folded to the same state by engine and reference, at every index', () => {
    const begun = beginLog(entries[0] as LogEntry);
    if ('code' in begun) throw new Error(begun.code);
    let folded: Folded = fold(undefined, entries[0] as LogEntry);
    for (const [at, entry] of entries.entries()) {
      if (at > 0) {
        const before = folded.state;
        folded = fold(folded, entry);
        expect(takeEntry(begun, entry)).toEqual([]);
        if (before === folded.state) continue;
      }
      expect(canonicalText(begun.state), `entry ${at}, ${entry.kind}`).toBe(canonicalText(folded.state));
      const keys = [...begun.keys].map(([id, { revokedAt }]) => [id, revokedAt]);
      const known = [...folded.keys].map(([id, { revoked_at: revokedAt }]) => [id, revokedAt]);
      expect(keys.sort()).toEqual(known.sort());
    }
    expect(begun.epoch).toBe(folded.epoch.epoch - 1);
  });

  it('holds in an audit at level 3', async () => {
    const key = operatorKey();
    const report = await audited(publishLog(entries, key), auditPlan(verifierKeyOf(key), { level: 3 }));
    expect(report.faults.first).toEqual([]);
    expect(
      report.statements.find(({ statement }) => statement.startsWith('every epoch'))?.checked,
    ).toBeGreaterThan(3);
  });
});
