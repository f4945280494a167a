import { parseSubject } from '../../contracts/parse-subject.js';
import { formatTimestamp } from '../../contracts/timestamp.js';
import { err, ok, type Result } from '../../kernel/result.js';
import { type Answer, json } from '../http/answer.js';
import { failure } from '../http/failure.js';
import { parseBody } from '../http/parse-body.js';
import type { Exchange, Route } from '../http/route.js';
import type { AboutSubject, Hold } from '../openings/erasures.js';
import type { Vault } from '../openings/vault.js';
import { authorOf } from '../state-change.js';

export interface ErasurePorts {
  readonly vault: Vault;
}

const tag = 'privacy';
const named = { 403: { description: 'Another tenant than one’s own' }, 422: { description: 'No subject' } };

/** Erasure, legal hold and retention. Whoever is no admin acts on subjects of its own tenant only. */
export function erasureRoutes(ports: ErasurePorts): readonly Route[] {
  const shared = { surface: 'caio', scopes: ['erase'], body: 'document' } as const;
  return [
    {
      ...shared,
      method: 'POST',
      url: '/api/v1/erasures',
      operation: {
        summary: 'Erase a subject: its keys, salts and sealed values are destroyed, then the log says so',
        description:
          'Proofs keep holding; what was sealed can no longer be opened. Answers how many openings are gone; 0 when nothing was kept. `salt` opens the commitment in the log’s entry and is kept nowhere.',
        tag,
        body: 'Subject',
        answers: {
          200: { description: 'What is gone', schema: 'Erasure' },
          423: { description: 'A legal hold keeps it; nothing was destroyed' },
          ...named,
        },
      },
      handle: (exchange) => erase(ports, exchange),
    },
    {
      ...shared,
      method: 'PUT',
      url: '/api/v1/holds',
      operation: {
        summary: 'Set a legal hold: what is kept about a subject is neither erased nor expires',
        tag,
        body: 'Subject',
        answers: { 200: { description: 'The hold, new or as it was', schema: 'Hold' }, ...named },
      },
      handle: (exchange) => hold(ports, exchange),
    },
    {
      ...shared,
      method: 'DELETE',
      url: '/api/v1/holds',
      operation: {
        summary: 'Lift a legal hold',
        tag,
        body: 'Subject',
        answers: {
          200: { description: 'The hold that was', schema: 'Hold' },
          404: { description: 'No hold on that subject' },
          ...named,
        },
      },
      handle: (exchange) => release(ports, exchange),
    },
    {
      ...shared,
      scopes: ['admin'],
      body: 'none',
      method: 'POST',
      url: '/api/v1/sweeps',
      operation: {
        summary: 'Destroy what its class does not let be kept any longer, now',
        description: 'The server does it by itself once an hour.',
        tag,
        answers: { 200: { description: 'What is gone, by class', schema: 'Sweep' } },
      },
      handle: async ({ identity }) => {
        const expired = await ports.vault.sweep(authorOf(identity));
        return json(200, {
          expired: expired.map(({ retention, openings, index }) => ({
            retention,
            openings,
            log_index: index,
          })),
        });
      },
    },
  ];
}

async function erase({ vault }: ErasurePorts, exchange: Exchange): Promise<Answer> {
  const about = aboutOf(exchange);
  if (!about.ok) return about.error;
  const erased = await vault.erasures.erase(about.value);
  if (!erased.ok) {
    return failure('legal_hold', 'A legal hold keeps what is known of this subject. Nothing was destroyed.');
  }
  const { openings, index, commitment, salt } = erased.value;
  return json(
    200,
    {
      openings,
      ...(index === undefined ? {} : { log_index: index }),
      ...(commitment === undefined ? {} : { commitment }),
      ...(salt === undefined ? {} : { salt }),
    },
    indexHeader(index),
  );
}

async function hold({ vault }: ErasurePorts, exchange: Exchange): Promise<Answer> {
  const about = aboutOf(exchange);
  if (!about.ok) return about.error;
  const held = await vault.erasures.hold(about.value);
  return json(200, holdMember(held), indexHeader(held.index));
}

async function release({ vault }: ErasurePorts, exchange: Exchange): Promise<Answer> {
  const about = aboutOf(exchange);
  if (!about.ok) return about.error;
  const released = await vault.erasures.release(about.value);
  if (released === undefined) return failure('not_found', 'There is no legal hold on this subject.');
  return json(200, holdMember(released), indexHeader(released.index));
}

function holdMember({ commitment, since, index, salt }: Hold) {
  return {
    commitment,
    since: formatTimestamp(since),
    ...(index === undefined ? {} : { log_index: index }),
    ...(salt === undefined ? {} : { salt }),
  };
}

function indexHeader(index: number | undefined): { readonly [name: string]: string } {
  return index === undefined ? {} : { 'x-caio-log-index': String(index) };
}

function aboutOf(exchange: Exchange): Result<AboutSubject, ReturnType<typeof failure>> {
  const body = parseBody(exchange, parseSubject, 'invalid_request');
  if (!body.ok) return body;
  const { scopes, document } = exchange.identity;
  const { subject, tenant = document.caller.tenant } = body.value.value;
  if (tenant !== document.caller.tenant && !scopes.has('admin')) {
    return err(failure('forbidden', 'The subject is of another tenant; only an admin may name one.'));
  }
  return ok({ of: { tenant, subject }, author: authorOf(exchange.identity) });
}
