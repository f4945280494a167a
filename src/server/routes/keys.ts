import { formatTimestamp } from '../../contracts/timestamp.js';
import { err, ok } from '../../kernel/result.js';
import { entryType } from '../../log/entry.js';
import type { KeyState } from '../../log/key-record.js';
import type { Accesses } from '../access.js';
import type { Clock } from '../clock.js';
import { type Answer, json } from '../http/answer.js';
import { type Failure, failure, invalid } from '../http/failure.js';
import { parseBody } from '../http/parse-body.js';
import type { Exchange, Route } from '../http/route.js';
import type { KeyRealm } from '../identity/api-key.js';
import type { Identity } from '../identity/identity.js';
import { issueKey } from '../identity/issue-key.js';
import { type Grant, parseGrant } from '../identity/parse-grant.js';
import type { OpeningStore } from '../openings/opening-store.js';
import { authorOf, changeState, type StatePorts } from '../state-change.js';
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
          403: { description: 'The grant goes beyond what the issuer holds' },
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
      method: 'DELETE',
      url: `${url}/:id`,
      operation: { summary: 'Revoke a key: it is refused from the answer on', tag, answers: one },
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
    () => ok([{ type: entryType, kind: 'key.put', time, author: authorOf(identity), key: record }]),
    (problems) => invalid('conflict', problems),
  );
  if (!changed.ok) return changed.error;
  const headers = { 'x-caio-log-index': String(changed.value.to - 1) };
  return json(201, { key, ...member({ record }) }, headers);
}

async function revoke(ports: KeyPorts, exchange: Exchange): Promise<Answer> {
  const key = exchange.path.id as string;
  const changed = await changeState(
    ports,
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
  return json(200, member(view.folded.keys.get(key) as KeyState), { 'x-caio-log-index': String(to - 1) });
}

/** Nobody hands on more than it has: neither scopes nor permissions, trust, tenant or time. */
function beyond(grant: Grant, { document: { caller }, scopes }: Identity): Failure | undefined {
  if (scopes.has('admin')) return undefined;
  const held = new Set(caller.permissions);
  const excess = [
    ...grant.scopes.filter((scope) => !scopes.has(scope)).map((scope) => `scope ${scope}`),
    ...grant.permissions.filter((name) => !held.has(name)).map((name) => `permission ${name}`),
    ...(grant.trust_level > caller.trust_level ? ['trust_level'] : []),
    ...(grant.tenant === caller.tenant ? [] : ['tenant']),
    ...(grant.expires > caller.expires ? ['expires'] : []),
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
    ...(revokedAt === undefined ? {} : { revoked_at: formatTimestamp(revokedAt) }),
  };
}

const noKey = () => failure('not_found', 'There is no key of that id.');
