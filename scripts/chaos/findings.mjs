import { leafHash } from '../../dist/kernel/merkle.js';
import { lmdbStorage } from '../../dist/log/drivers/lmdb.js';
import { readEntryBytes } from '../../dist/log/read-entry.js';
import { emptyFrontier, grow, rootOf } from '../../dist/log/tlog/frontier.js';

/** Reads the whole log from its folder and holds it against the ledger. Lists say what is wrong; empty, nothing is. */
export async function findingsIn(folder, ledger) {
  const store = await lmdbStorage(folder);
  try {
    const head = await store.readHead();
    const entries = [];
    const roots = new Map();
    let frontier = emptyFrontier;
    for (let index = 0; index < (head?.size ?? 0); index += 1) {
      const bytes = await readEntryBytes(store, index);
      entries.push(summaryOf(JSON.parse(Buffer.from(bytes).toString())));
      frontier = grow(frontier, [leafHash(bytes)]).frontier;
      roots.set(index + 1, Buffer.from(rootOf(frontier)).toString('hex'));
    }
    const told = [...ledger.roots, { size: head?.size, root: head?.root }];
    const contradicted = told.filter(({ size, root }) => roots.get(size) !== root);
    return {
      entries: entries.length,
      lost: lostOf(entries, ledger).map((entry) => `lost: ${JSON.stringify(entry)}`),
      unannounced: unannouncedOf(entries, ledger).map((payload) => `unannounced: ${JSON.stringify(payload)}`),
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

function summaryOf(entry) {
  const { kind } = entry;
  switch (kind) {
    case 'decision': {
      const { id } = entry.certificate;
      return { kind, id, attempt: entry.attempt && `${id} ${entry.attempt.service.service}` };
    }
    case 'attempt':
      return { kind, attempt: `${entry.decision} ${entry.service.service}` };
    case 'contract.put':
      return { kind, id: `${entry.contract.id}@${entry.contract.version}` };
    case 'key.put':
      return { kind, id: entry.key.id };
    case 'key.revoke':
      return { kind, id: entry.key };
    default:
      return { kind };
  }
}
