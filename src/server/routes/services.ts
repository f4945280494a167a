import type { Contract } from '../../contracts/contract.js';
import { contractDigest } from '../../contracts/digests.js';
import { formatContract } from '../../contracts/format-contract.js';
import { parseContract } from '../../contracts/parse-contract.js';
import type { AvailabilityRow } from '../../contracts/state.js';
import { err, ok } from '../../kernel/result.js';
import { entryType, type StateEntry } from '../../log/entry.js';
import { versionKey } from '../../log/fold.js';
import type { View } from '../../log/log.js';
import type { Snapshot } from '../../orchestrator/snapshot.js';
import type { Clock } from '../clock.js';
import { type Answer, json, jsonText, withMember } from '../http/answer.js';
import { failure, invalid } from '../http/failure.js';
import { located, parseBody } from '../http/parse-body.js';
import type { Exchange, Route } from '../http/route.js';
import { authorOf, changeState, type StatePorts } from '../state-change.js';
import { changeParameters, notSigned } from './change-operation.js';
import { page } from './page.js';

export interface ServicePorts extends StatePorts {
  readonly clock: Clock;
}

const url = '/api/v1/services';
const tag = 'services';
const one = {
  200: { description: 'The service', schema: 'Service' },
  404: { description: 'No such service' },
};
const changed = { tag, parameters: changeParameters, answers: { ...one, ...notSigned } } as const;
const put = {
  ...notSigned,
  200: { description: 'Replaced, or registered already with this content', schema: 'Service' },
  201: { description: 'Registered', schema: 'Service' },
  409: { description: 'This version of this service is known with other content: take a new version' },
  422: { description: 'The contract is invalid: problems with path, line and column' },
};

/** Registration: contracts in and out, while decisions run. */
export function serviceRoutes(ports: ServicePorts): readonly Route[] {
  const shared = { surface: 'caio', body: 'none' } as const;
  const register = { ...shared, scopes: ['register'] } as const;
  const read = { ...shared, scopes: ['register', 'decide'] } as const;
  return [
    {
      ...read,
      method: 'GET',
      url,
      operation: {
        summary: 'List services, by id',
        tag,
        parameters: ['after', 'limit'].map((name) => ({ $ref: `#/components/parameters/${name}` })),
        answers: { 200: { description: 'A page of services, without contracts', schema: 'ServiceList' } },
      },
      handle: (exchange) => list(ports, exchange),
    },
    {
      ...register,
      body: 'document',
      method: 'POST',
      url,
      operation: {
        summary: 'Register a contract, or replace it by a new version',
        tag,
        body: 'Contract',
        parameters: changeParameters,
        answers: put,
      },
      handle: (exchange) => putContract(ports, exchange, undefined),
    },
    {
      ...read,
      method: 'GET',
      url: `${url}/:id`,
      operation: { summary: 'A service with its contract', tag, answers: one },
      handle: ({ path }) => answerOne(ports.log.view, path.id as string),
    },
    {
      ...register,
      body: 'document',
      method: 'PUT',
      url: `${url}/:id`,
      operation: {
        summary: 'Register or replace the contract of this id',
        tag,
        body: 'Contract',
        parameters: changeParameters,
        answers: put,
      },
      handle: (exchange) => putContract(ports, exchange, exchange.path.id),
    },
    {
      ...register,
      method: 'DELETE',
      url: `${url}/:id`,
      operation: {
        summary: 'Remove a service: no decision from now on selects it',
        ...changed,
      },
      handle: (exchange) => remove(ports, exchange),
    },
    {
      ...register,
      method: 'POST',
      url: `${url}/:id/enable`,
      operation: { summary: 'Let a disabled service take part in decisions again', ...changed },
      handle: (exchange) => setAvailability(ports, exchange, 'available', ''),
    },
    {
      ...register,
      body: 'document',
      method: 'POST',
      url: `${url}/:id/disable`,
      operation: {
        summary: 'Keep a service out of decisions without forgetting it',
        tag,
        body: 'Reason',
        parameters: changeParameters,
        answers: { ...one, ...notSigned },
      },
      handle: (exchange) => disable(ports, exchange),
    },
  ];
}

function list({ log }: ServicePorts, { query }: Exchange): Answer {
  const { state } = log.view.folded;
  const chosen = page(state.contracts, (contract) => contract.id, query, 1000);
  if (!chosen.ok) return chosen.error;
  const { items, next } = chosen.value;
  const services = items.map((contract) => summary(contract, state.availability));
  return json(200, { services, as_of: state.as_of, ...(next === undefined ? {} : { next_after: next }) });
}

function answerOne({ folded }: View<Snapshot>, id: string): Answer {
  const contract = folded.state.contracts.find((item) => item.id === id);
  if (contract === undefined) return noService();
  return serviceAnswer(200, contract, folded.state.availability, folded.size);
}

async function putContract(ports: ServicePorts, exchange: Exchange, id: string | undefined): Promise<Answer> {
  const body = parseBody(exchange, parseContract, 'invalid_contract');
  if (!body.ok) return body.error;
  const { value: contract, document } = body.value;
  if (id !== undefined && contract.id !== id) {
    const problem = {
      code: 'id_differs',
      path: '/id',
      message: 'the id of the contract is not that of the path',
    };
    return invalid('invalid_contract', located([problem], document));
  }
  const digest = contractDigest(contract);
  let replaces = false;
  const changed = await changeState(
    ports,
    exchange,
    ({ folded }) => {
      const current = folded.state.contracts.find((item) => item.id === contract.id);
      const known = folded.contractVersions.get(versionKey(contract));
      replaces = current !== undefined;
      if (known !== undefined && known !== digest) return err(versionConflict(contract));
      if (current !== undefined && contractDigest(current) === digest) return ok([]);
      return ok([{ ...stamp(ports, exchange), kind: 'contract.put', contract }]);
    },
    (problems) => invalid('invalid_contract', located(problems, document)),
  );
  if (!changed.ok) return changed.error;
  const { view, to } = changed.value;
  return serviceAnswer(replaces ? 200 : 201, contract, view.folded.state.availability, to);
}

async function remove(ports: ServicePorts, exchange: Exchange): Promise<Answer> {
  const service = exchange.path.id as string;
  const changed = await changeState(
    ports,
    exchange,
    ({ folded }) =>
      folded.state.contracts.some((item) => item.id === service)
        ? ok([{ ...stamp(ports, exchange), kind: 'contract.remove', service }])
        : err(noService()),
    (problems) => invalid('conflict', problems),
  );
  if (!changed.ok) return changed.error;
  return json(200, { id: service, removed: true }, indexHeader(changed.value.to));
}

function disable(ports: ServicePorts, exchange: Exchange): Answer | Promise<Answer> {
  if (!exchange.hasBody) return setAvailability(ports, exchange, 'disabled', 'disabled by an operator');
  const document = exchange.document();
  if (!document.ok) return document.error;
  const { value } = document.value;
  const reason =
    typeof value === 'object' && value !== null ? (value as { reason?: unknown }).reason : undefined;
  const others = Object.keys(value ?? {}).filter((name) => name !== 'reason');
  if (typeof reason !== 'string' || others.length > 0 || !/^[^\p{Cc}]{1,256}$/u.test(reason)) {
    const message = 'expected {"reason": one line of up to 256 characters}';
    return invalid(
      'invalid_request',
      located([{ code: 'reason_invalid', path: '', message }], document.value),
    );
  }
  return setAvailability(ports, exchange, 'disabled', reason);
}

async function setAvailability(
  ports: ServicePorts,
  exchange: Exchange,
  state: 'available' | 'disabled',
  reason: string,
): Promise<Answer> {
  const service = exchange.path.id as string;
  const changed = await changeState(
    ports,
    exchange,
    ({ folded }) => {
      if (!folded.state.contracts.some((item) => item.id === service)) return err(noService());
      const row = folded.state.availability.find((item) => item.service === service);
      if ((row?.state ?? 'available') === state && (row?.reason ?? '') === reason) return ok([]);
      return ok([{ ...stamp(ports, exchange), kind: 'availability.put', service, state, reason }]);
    },
    (problems) => invalid('conflict', problems),
  );
  return changed.ok ? answerOne(changed.value.view, service) : changed.error;
}

function serviceAnswer(
  status: number,
  contract: Contract,
  availability: readonly AvailabilityRow[],
  size: number,
): Answer {
  // The contract is put in as text: its numbers have digits that a double may not.
  const body = withMember(summary(contract, availability), 'contract', formatContract(contract));
  return jsonText(status, body, indexHeader(size));
}

function summary(contract: Contract, availability: readonly AvailabilityRow[]) {
  const row = availability.find((item) => item.service === contract.id);
  return {
    id: contract.id,
    version: contract.version,
    digest: contractDigest(contract),
    enabled: row === undefined,
    ...(row === undefined ? {} : { availability: row.state, reason: row.reason }),
  };
}

type Stamp = Pick<Extract<StateEntry, { readonly kind: 'contract.put' }>, 'type' | 'time' | 'author'>;

function stamp({ clock }: ServicePorts, { identity }: Exchange): Stamp {
  return { type: entryType, time: clock.wallMicros(), author: authorOf(identity) };
}

/** The index of the last entry that the answer reflects. */
const indexHeader = (size: number) => ({ 'x-caio-log-index': String(size - 1) });

const noService = () => failure('not_found', 'There is no service of that id.');

const versionConflict = ({ id, version }: Contract) =>
  failure('conflict', `${id} ${version} is known with other content: give the contract a new version.`);
