import type { Digest } from '../kernel/digest.js';
import { buildSet, itemInSet, type MerkleSet } from '../kernel/merkle.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';

/**
 * The set of `rows` by id. A row that is the same object as in `earlier` is not digested again. Problem `duplicate_id` at `/<name>/<id>`
 * where two rows have one id.
 */
export function rowSet<Row extends object>(
  name: string,
  rows: readonly Row[],
  idOf: (row: Row) => string,
  digestOf: (row: Row) => Digest,
  earlier: { readonly rows: readonly Row[] | undefined; readonly set: MerkleSet | undefined },
): Result<MerkleSet, readonly Problem[]> {
  if (earlier.set !== undefined && earlier.rows === rows) return ok(earlier.set);
  const before = new Set(earlier.rows ?? []);
  const ids = new Set<string>();
  const problems: Problem[] = [];
  const items = rows.map((row) => {
    const id = idOf(row);
    if (ids.has(id)) {
      problems.push({ code: 'duplicate_id', path: `/${name}/${id}`, message: `${id} is there twice` });
    }
    ids.add(id);
    const known =
      earlier.set !== undefined && before.has(row) ? itemInSet(earlier.set, id)?.digest : undefined;
    return { id, digest: known ?? digestOf(row) };
  });
  return problems.length > 0 ? err(problems) : ok(buildSet(items));
}
