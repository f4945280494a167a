import { leafHash } from '../../dist/kernel/merkle.js';
import { lmdbStorage } from '../../dist/log/drivers/lmdb.js';
import { postgresStorage } from '../../dist/log/drivers/postgres.js';
import { parsePostgresUrl } from '../../dist/log/drivers/postgres-address.js';
import { readEntriesBytes } from '../../dist/log/read-entry.js';
import { emptyFrontier, grow, rootOf } from '../../dist/log/tlog/frontier.js';

const readAtOnce = 256;

/** The store in a folder, or behind the URL of a database. */
export function openStore(place) {
  return place.startsWith('postgres:') ? postgresStorage(parsePostgresUrl(place).value) : lmdbStorage(place);
}

/** Reads the whole log and holds it against the ledger. Lists say what is wrong; empty, nothing is. `alter` falsifies what was read. */
export async function findingsIn(place, ledger, alter = () => {}) {
  const store = await openStore(place);
  try {
    const head = await store.readHead();
    const entries = [];
    const roots = new Map();
    let frontier = emptyFrontier;
    const size = head?.size ?? 0;
    for (let from = 0; from < size; from += readAtOnce) {
      for (const bytes of await readEntriesBytes(store, from, Math.min(from + readAtOnce, size))) {
        entries.push(summaryOf(JSON.parse(Buffer.from(bytes).toString())));
        frontier = grow(frontier, [leafHash(bytes)]).frontier;
        roots.set(entries.length, Buffer.from(rootOf(frontier)).toString('hex'));
      }
    }
    alter(entries);
    const told = [...ledger.roots, { size: head?.size, root: head?.root }];
    const contradicted = told.filter(({ size, root }) => roots.get(size) !== root);
    return {
      entries: entries.length,
      lost: lostOf(entries, ledger).map((entry) => `lost: ${JSON.stringify(entry)}`),
      unannounced: unannouncedOf(entries, ledger).map((payload) => `unannounced: ${JSON.stringify(payload)}`),
      outdated: outdatedIn(entries),
      repeated: repeatedIn(entries),
      revoked: revokedIn(entries),
      contradicted: contradicted.map((root) => `contradicted: ${JSON.stringify(root)}`),
    };
  } finally {
    await store.close();
  }
}

function lostOf(entries, { acknowledged }) {
  return acknowledged.filter(
    ({ index, kind, id }) => entries[index]?.kind !== kind || entries[index]?.id !== id,
  );
}

/** Payloads for which no durable entry says that this service was going to get it. */
function unannouncedOf(entries, { payloads }) {
  const announced = new Set(entries.flatMap(({ attempt }) => attempt ?? []));
  return payloads.filter(({ decision, service }) => !announced.has(`${decision} ${service}`));
}

const isEvent = ({ kind }) => ['decision', 'attempt', 'outcome', 'proof', 'access', 'erasure'].includes(kind);

/** Decisions that were made on another state than that of their index: `as_of` is 1 + the index of the last state entry below. */
function outdatedIn(entries) {
  let asOf = 0;
  return entries.flatMap((entry, index) => {
    if (!isEvent(entry)) asOf = index + 1;
    return entry.kind === 'decision' && entry.asOf !== asOf
      ? [`outdated: index ${index} read the state of ${entry.asOf}, not of ${asOf}`]
      : [];
  });
}

function repeatedIn(entries) {
  const seen = new Set();
  return entries.flatMap(({ kind, id }, index) => {
    if (kind !== 'decision') return [];
    const known = seen.has(id);
    seen.add(id);
    return known ? [`repeated: decision ${id} at index ${index}`] : [];
  });
}

/** Decisions for a key that was revoked below their index. */
function revokedIn(entries) {
  const revoked = new Set();
  return entries.flatMap(({ kind, id, caller }, index) => {
    if (kind === 'key.revoke') revoked.add(id);
    return kind === 'decision' && revoked.has(caller)
      ? [`revoked: key ${caller} decided at index ${index}`]
      : [];
  });
}

function summaryOf(entry) {
  const { kind } = entry;
  switch (kind) {
    case 'decision': {
      const { id, inputs } = entry.certificate;
      const attempt = entry.attempt && `${id} ${entry.attempt.service.service}`;
      return { kind, id, asOf: inputs.state.as_of, caller: inputs.caller.key_id, attempt };
    }
    case 'attempt':
      return { kind, attempt: `${entry.decision} ${entry.service.service}` };
    case 'contract.put':
      return { kind, id: `${entry.contract.id}@${entry.contract.version}` };
    case 'policy.put':
      return { kind, id: `${entry.policy.id}@${entry.policy.version}` };
    case 'key.put':
      return { kind, id: entry.key.id };
    case 'key.revoke':
      return { kind, id: entry.key };
    default:
      return { kind };
  }
}
