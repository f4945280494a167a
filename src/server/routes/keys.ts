import { formatTimestamp } from '../../contracts/timestamp.js';
import { err, ok } from '../../kernel/result.js';
import { keyRecordDigest } from '../../log/change-statement.js';
import { entryType } from '../../log/entry.js';
import type { KeyState } from '../../log/key-record.js';
import type { Accesses } from '../access.js';
import type { Clock } from '../clock.js';
import { type Answer, json } from '../http/answer.js';
import { type Failure, failure, invalid } from '../http/failure.js';
import { located, parseBody } from '../http/parse-body.js';
import type { Exchange, Route } from '../http/route.js';
import type { KeyRealm } from '../identity/api-key.js';
import type { Identity } from '../identity/identity.js';
import { issueKey } from '../identity/issue-key.js';
import { type Grant, parseGrant } from '../identity/parse-grant.js';
import { parseKeyRecord } from '../identity/parse-key-record.js';
import type { OpeningStore } from '../openings/opening-store.js';
import { authorOf, changeState, type StatePorts } from '../state-change.js';
import { changeParameters, notSigned } from './change-operation.js';
import { page } from './page.js';

export interface KeyPorts extends StatePorts {
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly realm: KeyRealm;
  readonly openings: OpeningStore;
  readonly access: Accesses;
}

const url = '/api/v1/keys';
const tag = 'keys';
const one = {
  200: { description: 'The key, without its secret', schema: 'Key' },
  404: { description: 'No such key' },
};

/** API keys. Whoever is no admin sees and issues keys of its own tenant only, and none that may do more than itself. */
export function keyRoutes(ports: KeyPorts): readonly Route[] {
  const shared = { surface: 'caio', scopes: ['keys'], body: 'none' } as const;
  return [
    {
      ...shared,
      method: 'GET',
      url,
      operation: {
        summary: 'List keys, by id',
        tag,
        parameters: ['after', 'limit'].map((name) => ({ $ref: `#/components/parameters/${name}` })),
        answers: { 200: { description: 'A page of keys, without secrets', schema: 'KeyList' } },
      },
      handle: (exchange) => list(ports, exchange),
    },
    {
      ...shared,
      body: 'document',
      method: 'POST',
      url,
      operation: {
        summary: 'Issue a key',
        description:
          'The member `key` of the answer is the only time that the key is shown: CAIO keeps a digest.',
        tag,
        body: 'Grant',
        answers: {
          201: { description: 'The key, with its secret', schema: 'IssuedKey' },
          403: {
            description: 'The grant goes beyond what the issuer holds, or keys must be signed: put a record',
          },
          422: { description: 'The grant is invalid' },
        },
      },
      handle: (exchange) => issue(ports, exchange),
    },
    {
      ...shared,
      method: 'GET',
      url: `${url}/:id`,
      operation: { summary: 'A key, without its secret', tag, answers: one },
      handle: async (exchange) => {
        const state = visible(exchange, ports.log.view.folded.keys.get(exchange.path.id as string));
        if (state === undefined) return noKey();
        const { identity } = exchange;
        const own = state.record.tenant === identity.document.caller.tenant;
        if (!own) await ports.access.record(identity, { what: 'keys' });
        return json(200, member(state));
      },
    },
    {
      ...shared,
      body: 'document',
      method: 'PUT',
      url: `${url}/:id`,
      operation: {
        summary: 'Put a key that was made elsewhere: its record, which can be signed before',
        description: 'Only who made the key has its secret. The record is as the log keeps it.',
        tag,
        body: 'KeyRecord',
        parameters: changeParameters,
        answers: {
          200: { description: 'Known already, with this record', schema: 'Key' },
          201: { description: 'The key can be used', schema: 'Key' },
          403: {
            description: 'The record goes beyond what its issuer holds, or is not signed as it must be',
          },
          409: { description: 'The id is known with another record' },
          422: { description: 'The record is invalid' },
        },
      },
      handle: (exchange) => putRecord(ports, exchange),
    },
    {
      ...shared,
      method: 'DELETE',
      url: `${url}/:id`,
      operation: {
        summary: 'Revoke a key: it is refused from the answer on',
        tag,
        parameters: changeParameters,
        answers: { ...one, ...notSigned },
      },
      handle: (exchange) => revoke(ports, exchange),
    },
  ];
}

async function list({ log, access }: KeyPorts, exchange: Exchange): Promise<Answer> {
  const keys = [...log.view.folded.keys.values()]
    .filter((state) => visible(exchange, state) !== undefined)
    .sort((a, b) => (a.record.id < b.record.id ? -1 : 1));
  const chosen = page(keys, (state) => state.record.id, exchange.query, 1000);
  if (!chosen.ok) return chosen.error;
  const { items, next } = chosen.value;
  // Whoever is no admin sees keys of its own tenant only.
  if (exchange.identity.scopes.has('admin')) await access.record(exchange.identity, { what: 'keys' });
  return json(200, { keys: items.map(member), ...(next === undefined ? {} : { next_after: next }) });
}

async function issue(ports: KeyPorts, exchange: Exchange): Promise<Answer> {
  const body = parseBody(exchange, (document) => parseGrant(document, ports.realm), 'invalid_key');
  if (!body.ok) return body.error;
  const excess = beyond(body.value.value, exchange.identity);
  if (excess !== undefined) return excess;
  const { key, record, opening } = issueKey(body.value.value, ports.random);
  const { identity } = exchange;
  const time = ports.clock.wallMicros();
  // Before the key can be used: a decision must never miss the subject it seals.
  if (opening !== undefined) {
    await ports.openings.putSubject(record.id, { ...opening, tenant: record.tenant });
  }
  const changed = await changeState(
    ports,
    exchange,
    () => ok([{ type: entryType, kind: 'key.put', time, author: authorOf(identity), key: record }]),
    (problems) => invalid('conflict', problems),
  );
  if (!changed.ok) return unsignable(changed.error);
  return json(201, { key, ...member({ record }) }, indexHeader(changed.value.to));
}

/** Nobody can sign for a key that the server only now draws. */
function unsignable(failed: Failure): Failure {
  if (failed.code !== 'change_not_signed') return failed;
  const detail =
    'Keys have to be signed here, and nobody can sign for one that is only now drawn: make the key yourself, sign its record and ' +
    'PUT it to /api/v1/keys/{id} (caio api-key issue --offline, caio api-key put).';
  const { reason, required } = failed.members ?? {};
  return failure('change_not_signed', detail, { members: { reason, required } });
}

async function putRecord(ports: KeyPorts, exchange: Exchange): Promise<Answer> {
  const body = parseBody(exchange, (document) => parseKeyRecord(document, ports.realm), 'invalid_key');
  if (!body.ok) return body.error;
  const { record: key, grant } = body.value.value;
  if (key.id !== exchange.path.id) {
    const problem = { code: 'id_differs', path: '/id', message: 'the id of the key is not that of the path' };
    return invalid('invalid_key', located([problem], body.value.document));
  }
  const excess = beyond(grant, exchange.identity);
  if (excess !== undefined) return excess;
  const digest = keyRecordDigest(key);
  const changed = await changeState(
    ports,
    exchange,
    ({ folded }) => {
      const known = folded.keys.get(key.id);
      if (known !== undefined) return keyRecordDigest(known.record) === digest ? ok([]) : err(knownKey());
      const time = ports.clock.wallMicros();
      return ok([{ type: entryType, kind: 'key.put', time, author: authorOf(exchange.identity), key }]);
    },
    (problems) => invalid('conflict', problems),
  );
  if (!changed.ok) return changed.error;
  const { from, to, view } = changed.value;
  const state = view.folded.keys.get(key.id) as KeyState;
  return json(from === to ? 200 : 201, member(state), indexHeader(to));
}

async function revoke(ports: KeyPorts, exchange: Exchange): Promise<Answer> {
  const key = exchange.path.id as string;
  const changed = await changeState(
    ports,
    exchange,
    ({ folded }) => {
      const state = visible(exchange, folded.keys.get(key));
      if (state === undefined) return err(noKey());
      if (state.revoked_at !== undefined) return ok([]);
      const time = ports.clock.wallMicros();
      return ok([{ type: entryType, kind: 'key.revoke', time, author: authorOf(exchange.identity), key }]);
    },
    (problems) => invalid('conflict', problems),
  );
  if (!changed.ok) return changed.error;
  const { view, to } = changed.value;
  return json(200, member(view.folded.keys.get(key) as KeyState), indexHeader(to));
}

/** Nobody hands on more than it has: neither scopes nor permissions, trust, tenant or time. Who may sign changes, an admin says. */
function beyond(grant: Grant, { document: { caller }, scopes }: Identity): Failure | undefined {
  if (scopes.has('admin')) return undefined;
  const held = new Set(caller.permissions);
  const excess = [
    ...grant.scopes.filter((scope) => !scopes.has(scope)).map((scope) => `scope ${scope}`),
    ...grant.permissions.filter((name) => !held.has(name)).map((name) => `permission ${name}`),
    ...(grant.trust_level > caller.trust_level ? ['trust_level'] : []),
    ...(grant.tenant === caller.tenant ? [] : ['tenant']),
    ...(grant.expires > caller.expires ? ['expires'] : []),
    ...(grant.verifier_key === undefined ? [] : ['verifier_key']),
  ];
  return excess.length === 0
    ? undefined
    : failure('forbidden', 'The grant goes beyond what its issuer holds.', { members: { excess } });
}

function visible({ identity }: Exchange, state: KeyState | undefined): KeyState | undefined {
  const own = state?.record.tenant === identity.document.caller.tenant;
  return own || identity.scopes.has('admin') ? state : undefined;
}

function member({ record, revoked_at: revokedAt }: KeyState) {
  return {
    id: record.id,
    ...(record.label === undefined ? {} : { label: record.label }),
    tenant: record.tenant,
    scopes: record.scopes,
    permissions: record.permissions,
    trust_level: record.trust_level,
    not_before: formatTimestamp(record.not_before),
    expires: formatTimestamp(record.expires),
    ...(record.verifier_key === undefined ? {} : { verifier_key: record.verifier_key }),
    ...(revokedAt === undefined ? {} : { revoked_at: formatTimestamp(revokedAt) }),
  };
}

const indexHeader = (size: number) => ({ 'x-caio-log-index': String(size - 1) });

const knownKey = () => failure('conflict', 'A key of that id is known with another record.');

const noKey = () => failure('not_found', 'There is no key of that id.');
