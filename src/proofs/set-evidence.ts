import type { SetAbsence, SetInclusion } from '../contracts/bundle.js';
import { Defect } from '../kernel/errors.js';
import { buildSet, compareCodePoints, type MerkleSet, proveInSet, type SetItem } from '../kernel/merkle.js';

/** A set together with the documents that its items digest. */
export interface DocumentSet<Row> {
  readonly set: MerkleSet;
  readonly rows: ReadonlyMap<string, Row>;
}

/** n digests and a tree. Two documents of one id are a Defect. */
export function documentSet<Row>(
  rows: readonly Row[],
  idOf: (row: Row) => string,
  digestOf: (row: Row) => SetItem['digest'],
): DocumentSet<Row> {
  const items = rows.map((row) => ({ id: idOf(row), digest: digestOf(row) }));
  return { set: buildSet(items), rows: new Map(rows.map((row) => [idOf(row), row])) };
}

/** The document of that id with its RFC 6962 inclusion proof; `undefined` where there is none. */
export function proveInclusion<Row>(
  { set, rows }: DocumentSet<Row>,
  id: string,
): { readonly row: Row; readonly inclusion: SetInclusion } | undefined {
  const row = rows.get(id);
  const inclusion = proveInSet(set, id);
  return row === undefined || inclusion === undefined ? undefined : { row, inclusion };
}

/**
 * That no document has that id: the two between which it would stand, adjacent in the set, each included. The order of the set and the
 * positions in the proofs do the rest. A document that is there is a Defect.
 */
export function proveAbsence<Row>(documents: DocumentSet<Row>, id: string): SetAbsence<Row> {
  if (documents.rows.has(id)) throw new Defect('invariant_broken', `${id} is not absent`);
  const { items } = documents.set;
  const next = items.findIndex((item) => compareCodePoints(item.id, id) > 0);
  const after = next < 0 ? items.length : next;
  const neighbour = (item: SetItem | undefined) => item && proveInclusion(documents, item.id);
  const [left, right] = [neighbour(items[after - 1]), neighbour(items[after])];
  return {
    size: items.length,
    ...(left === undefined ? {} : { before: left }),
    ...(right === undefined ? {} : { after: right }),
  };
}
