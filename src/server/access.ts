import { type AccessEntry, entryType } from '../log/entry.js';
import type { Log } from '../log/log.js';
import type { Clock } from './clock.js';
import type { Identity } from './identity/identity.js';
import { authorOf } from './state-change.js';

/** What was read. `from`: the first log index of a range; it reaches to the end of the log. */
export interface Accessed {
  readonly what: AccessEntry['what'];
  readonly decision?: string;
  readonly from?: number;
}

export interface Accesses {
  /**
   * Resolves when the log says durably that this credential reads this: only then may the answer leave. Rejects with the log's faults: who reads what
   * is others' gets nothing that the log does not know of.
   */
  record(identity: Identity, accessed: Accessed): Promise<void>;
}

/** An entry stands for what the same credential reads of the same kind within that time, so that reading the log does not make it grow without end. */
export const accessMicros = 60_000_000;
const mostRemembered = 10_000;

interface Remembered {
  readonly since: number;
  readonly from: number;
  readonly durable: Promise<void>;
}

/**
 * Log calculus section 7. One entry for each credential, kind and decision in a minute. Of a range, the entry names where it begins and the size of the log;
 * reading on towards the end, also of what is appended meanwhile, is covered by it. Going back before it is covered by a second entry, from 0. So at most two.
 */
export function accessRecorder<Snapshot>(log: Log<Snapshot>, clock: Clock): Accesses {
  const remembered = new Map<string, Remembered>();

  async function append(identity: Identity, { what, decision, from }: Accessed, time: number): Promise<void> {
    await log.appendEvents([
      {
        type: entryType,
        kind: 'access',
        time,
        author: authorOf(identity),
        what,
        ...(decision === undefined ? {} : { decision }),
        ...(from === undefined ? {} : { from, to: log.size }),
      },
    ]);
  }

  return {
    record: async (identity, accessed) => {
      const { method, issuer, key_id: keyId, tenant } = identity.document.caller;
      const key = JSON.stringify([method, issuer, keyId, tenant, accessed.what, accessed.decision ?? '']);
      const now = clock.wallMicros();
      const known = remembered.get(key);
      const current = known !== undefined && now - known.since < accessMicros ? known : undefined;
      if (current !== undefined && (accessed.from ?? 0) >= current.from) return current.durable;
      const from = current === undefined ? (accessed.from ?? 0) : 0;
      const named = accessed.from === undefined ? accessed : { ...accessed, from };
      const durable = append(identity, named, now);
      remembered.delete(key);
      remembered.set(key, { since: now, from, durable });
      // One that could not be written covers nothing.
      durable.catch(() => remembered.delete(key));
      if (remembered.size > mostRemembered) forget(remembered, now);
      return durable;
    },
  };
}

/** The oldest come first. */
function forget(remembered: Map<string, Remembered>, now: number): void {
  for (const [key, { since }] of remembered) {
    if (now - since < accessMicros && remembered.size <= mostRemembered) return;
    remembered.delete(key);
  }
}
