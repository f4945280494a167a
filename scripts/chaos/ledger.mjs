/** What those outside of CAIO wrote down: clients what was acknowledged to them and where, the service what arrived. */
export function ledgerOf(service) {
  let awaited = { count: Number.POSITIVE_INFINITY, reads: () => 0, reached: () => {} };
  const ledger = {
    /** {index, kind, id}: the entry that has to be there. */
    acknowledged: [],
    /** {size, root}: of checkpoints that were served. */
    roots: [],
    /** {decision, service}: payloads that arrived. */
    payloads: [],
    /** How many of what was acknowledged are decisions. */
    decisions: 0,
    acknowledge(entry) {
      ledger.acknowledged.push(entry);
      if (entry.kind === 'decision') ledger.decisions += 1;
      if (awaited.reads() >= awaited.count) awaited.reached();
    },
    /** Resolves when that many entries, or decisions, are acknowledged, or when the time is over. */
    reaches: (count, millis, what = 'acknowledged') =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, millis);
        awaited = {
          count,
          reads: () => (what === 'decisions' ? ledger.decisions : ledger.acknowledged.length),
          reached: () => {
            clearTimeout(timer);
            resolve();
          },
        };
      }),
  };
  service.onPayload((payload) => ledger.payloads.push(payload));
  return ledger;
}

/** One false record of each kind. */
export function plantIn(ledger) {
  const none = '0'.repeat(64);
  ledger.acknowledged.push({ index: 1, kind: 'decision', id: none });
  ledger.payloads.push({ decision: none, service: 'answering' });
  ledger.roots.push({ size: 1, root: none });
}
