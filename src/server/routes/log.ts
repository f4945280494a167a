import { storedTiles } from '../../log/stored-tiles.js';
import { tileWidth } from '../../log/tlog/tile.js';
import { parseTilePath } from '../../log/tlog/tile-path.js';
import type { DecisionPorts } from '../decisions/ports.js';
import type { Answer } from '../http/answer.js';
import { failure } from '../http/failure.js';
import type { Exchange, Route } from '../http/route.js';

export type LogPorts = Pick<DecisionPorts, 'log' | 'witnessed' | 'access'>;

const tag = 'log';
const shared = { method: 'GET', scopes: ['log'], body: 'none', surface: 'caio' } as const;
/** Private: shared caches do not see who may read it. A tile, full or partial, never changes. */
const immutable = 'private, max-age=31536000, immutable';

/**
 * The log as C2SP tlog-tiles, for monitors, auditors and witnesses. Its entries are the decisions of every tenant, so no credential of a
 * tenant is enough: scope `log` (or `admin`) reads all of it.
 */
export function logRoutes(ports: LogPorts): readonly Route[] {
  const { log, witnessed } = ports;
  const note = (body: () => string) => (): Answer => ({
    kind: 'raw',
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' },
    body: body(),
  });
  return [
    {
      ...shared,
      url: '/log/checkpoint',
      operation: {
        summary: 'The latest signed checkpoint: how many entries, under which root',
        description:
          'A C2SP signed note. Everything below its size is durable. Where the log has witnesses, the latest that a quorum of them has cosigned, with their cosignatures: it may be behind the log.',
        tag,
        answers: { 200: { description: 'The checkpoint, text/plain' } },
      },
      handle: note(() => (witnessed?.newest ?? log.published).checkpoint),
    },
    {
      ...shared,
      url: '/log/checkpoint/newest',
      operation: {
        summary: 'The latest signed checkpoint, whether witnesses have seen it or not',
        tag,
        answers: { 200: { description: 'The checkpoint, text/plain' } },
      },
      handle: note(() => log.published.checkpoint),
    },
    {
      ...shared,
      url: '/log/tile/*',
      operation: {
        summary: 'A tile of hashes, or a bundle of entries',
        description:
          'C2SP tlog-tiles: /log/tile/<level>/<index>[.p/<width>] and /log/tile/entries/<index>[.p/<width>]. Any width up to the latest checkpoint is there, also of tiles that have become full since.',
        tag,
        answers: {
          200: { description: 'Its bytes, application/octet-stream; they never change' },
          404: { description: 'Not a tile, or beyond the latest checkpoint' },
        },
      },
      handle: (exchange) => tile(ports, exchange),
    },
  ];
}

async function tile({ log, access }: LogPorts, { path, identity }: Exchange): Promise<Answer> {
  const name = parseTilePath(`tile/${path['*']}`);
  const tiles = storedTiles(log.storage, log.published.size);
  const bytes = !name.ok
    ? undefined
    : name.value.kind === 'tile'
      ? await tiles.readTile(name.value)
      : await tiles.readBundle(name.value);
  if (bytes === undefined) return failure('not_found', 'There is no such tile at the latest checkpoint.');
  // Hashes say nothing of what was decided; entries do.
  if (name.ok && name.value.kind === 'entries') {
    await access.record(identity, { what: 'export', from: tileWidth * name.value.index });
  }
  const headers = { 'content-type': 'application/octet-stream', 'cache-control': immutable };
  return { kind: 'raw', status: 200, headers, body: bytes };
}
