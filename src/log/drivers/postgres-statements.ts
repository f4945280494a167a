import { type DroppableStatements, droppableStatementsOf } from './postgres-droppable.js';

/** The SQL of a log in one schema, whose name is a plain lower-case word. Each statement is one round trip, and prepared once a connection. */
export interface Statements extends DroppableStatements {
  readonly channel: string;
  readonly readHead: string;
  readonly lockHead: string;
  readonly commit: string;
  readonly readPacks: string;
  readonly readIndex: string;
  readonly scan: string;
  readonly scanReverse: string;
  readonly scanDroppableRows: string;
  readonly scanDroppableRowsReverse: string;
}

export function statementsOf(schema: string): Statements {
  return {
    channel: `caio_log_${schema}`,
    readHead: `SELECT size, root FROM ${schema}.head`,
    lockHead: `SELECT size, root FROM ${schema}.head FOR UPDATE`,
    commit: commitStatement(schema),
    readPacks: readPacksStatement(schema),
    readIndex: `SELECT value FROM ${schema}.index_row WHERE folder = $1 AND name = $2`,
    scan: scanStatement(`${schema}.index_row`, 'ASC'),
    scanReverse: scanStatement(`${schema}.index_row`, 'DESC'),
    scanDroppableRows: scanStatement(`${schema}.snapshot_row`, 'ASC'),
    scanDroppableRowsReverse: scanStatement(`${schema}.snapshot_row`, 'DESC'),
    ...droppableStatementsOf(schema),
  };
}

/**
 * The whole commit in one statement, hence one transaction. The update of the head is the compare-and-swap: of two that run at once the
 * second waits for the first, then sees its head and matches nothing (read committed isolation), and everything else here hangs on the row
 * that the update gives. `taken`: the head is as expected, but a key of the batch is there already, so nothing was written; it has to be looked at closer.
 *
 * $1, $2 expected size and root · $3, $4 the new ones · $5–$9 rows of blobs: name, first number, members, and where their bytes and ends begin
 * in $10 · $11–$13 index rows · $14, $15 channel and token.
 */
function commitStatement(schema: string): string {
  return `
WITH given AS (
  SELECT * FROM unnest($5::text[], $6::bigint[], $7::int[], $8::int[], $9::int[])
    AS g (name, first, members, bytes_at, ends_at)
), taken AS (
  SELECT 1 FROM given g, ${schema}.head h
  WHERE h.size IS NOT DISTINCT FROM $1::bigint AND h.root IS NOT DISTINCT FROM $2::text
    AND (EXISTS (SELECT FROM ${schema}.blob_pack p
                 WHERE p.name = g.name AND p.first > g.first AND p.first < g.first + g.members)
      OR (SELECT p.first + p.members FROM ${schema}.blob_pack p
         WHERE p.name = g.name AND p.first <= g.first ORDER BY p.first DESC LIMIT 1) > g.first)
  LIMIT 1
), swapped AS (
  UPDATE ${schema}.head SET size = $3::bigint, root = $4::text
  WHERE size IS NOT DISTINCT FROM $1::bigint AND root IS NOT DISTINCT FROM $2::text
    AND NOT EXISTS (SELECT FROM taken)
  RETURNING true
), packed AS (
  INSERT INTO ${schema}.blob_pack (name, first, members, ends, bytes)
  SELECT g.name, g.first, g.members, substr($10::bytea, g.ends_at + 1, 4 * g.members),
         substr($10::bytea, g.bytes_at + 1, g.ends_at - g.bytes_at)
  FROM given g, swapped
), indexed AS (
  INSERT INTO ${schema}.index_row (folder, name, value)
  SELECT i.folder, i.name, i.value FROM unnest($11::text[], $12::text[], $13::bytea[]) AS i (folder, name, value), swapped
  ON CONFLICT (folder, name) DO UPDATE SET value = excluded.value
)
SELECT EXISTS (SELECT FROM swapped) AS swapped,
       EXISTS (SELECT FROM taken) AS taken,
       (SELECT pg_notify($14::text, $15::text) FROM swapped)::text AS told,
       ${durable} AS durable`;
}

/** For this transaction, whatever the role or the database says; more than \`on\` is left as it is. */
export const durable =
  "set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)";

/** $1–$3: names and numbers [low, high). Gives of each row that covers some of them that part of it. */
function readPacksStatement(schema: string): string {
  const columns = 'p.first, p.members, p.ends, p.bytes';
  return `
SELECT r.name, b.first + b.skipped AS first, substr(b.ends, 4 * b.skipped + 1, 4 * (b.until - b.skipped)) AS ends,
       c.start, substr(b.bytes, c.start + 1, c.stop - c.start) AS bytes
FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS r (name, low, high)
CROSS JOIN LATERAL (
  SELECT p.first, p.ends, p.bytes, (greatest(r.low, p.first) - p.first)::int AS skipped,
         least(r.high - p.first, p.members)::int AS until
  FROM (
    (SELECT ${columns} FROM ${schema}.blob_pack p
     WHERE p.name = r.name AND p.first <= r.low ORDER BY p.first DESC LIMIT 1)
    UNION ALL
    (SELECT ${columns} FROM ${schema}.blob_pack p
     WHERE p.name = r.name AND p.first > r.low AND p.first < r.high)
  ) p
) b
CROSS JOIN LATERAL (
  SELECT CASE b.skipped WHEN 0 THEN 0 ELSE ${endAt('b.skipped - 1')} END AS start, ${endAt('b.until - 1')} AS stop
) c
WHERE b.skipped < b.until`;
}

const endAt = (member: string): string =>
  `('x' || encode(substr(b.ends, 4 * (${member}) + 1, 4), 'hex'))::bit(32)::int`;

/** $1 folder · names from $2 on and before $3 · $4 the most rows. */
function scanStatement(table: string, order: 'ASC' | 'DESC'): string {
  return `
SELECT name, value FROM ${table}
WHERE folder = $1 AND name >= $2 AND name < $3
ORDER BY name ${order} LIMIT $4`;
}
