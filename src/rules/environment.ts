/**
 * What rules can read: the declared types of `request`, `context`, `user`, `now` and `service` (master calculus, section 6).
 * The declarations are held to the document types of `contracts` by the compiler: a field that is added there, or becomes
 * optional, does not compile here until it is declared.
 */

import type { Caller } from '../contracts/caller.js';
import type { Capability } from '../contracts/capability.js';
import { type Contract, type Cost, type Limits, localities, type Privacy } from '../contracts/contract.js';
import { type GuaranteeProperty, guaranteeProperties } from '../contracts/guarantee.js';
import { classifications, dataClasses, type Request } from '../contracts/request.js';
import {
  boolType,
  type CelType,
  type Environment,
  type Field,
  intType,
  type ListType,
  type ScalarType,
  type StringType,
  type StructType,
  stringType,
} from './syntax/types.js';

type Present = Field & { readonly optional: false };
type Optional = Field & { readonly optional: true };
type Declarations<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? Optional : Present;
};

/** Names of the variables. `when` is evaluated once per request, so it does not see `service`. */
export const serviceVariable = 'service';

/** The environment of `require`: everything. `context` is what `contextTypes` makes of the loaded policies. */
export function ruleEnvironment(context: StructType): Environment {
  return { request: requestType, context, user: userType, now: intType, [serviceVariable]: serviceType };
}

function struct<T>(fields: Declarations<T>): StructType {
  return { kind: 'struct', fields };
}

function present(type: CelType): Present {
  return { type, optional: false };
}

function optional(type: CelType): Optional {
  return { type, optional: true };
}

function unreadable(instead: string): Present {
  return { type: stringType, optional: false, instead };
}

function unreadableOptional(instead: string): Optional {
  return { type: stringType, optional: true, instead };
}

function oneOf(values: readonly string[]): StringType {
  return { kind: 'string', values };
}

function listOf(of: ScalarType | StructType): ListType {
  return { kind: 'list', of };
}

const strings = listOf(stringType);
const sourced = { source: optional(stringType), retrieved: optional(stringType) };

const capabilityType = struct<Capability>({
  type: present(stringType),
  parameters: unreadable('state parameters as required capabilities; rules see the type only'),
});

/** Property → its one operator: a promise or requirement always states that one. */
function guaranteesType(more: { readonly [field: string]: Field }): StructType {
  const fields: { [property: string]: Field } = {};
  for (const property of Object.keys(guaranteeProperties) as GuaranteeProperty[]) {
    const { operator } = guaranteeProperties[property];
    fields[property] = optional({ kind: 'struct', fields: { [operator]: present(intType), ...more } });
  }
  return { kind: 'struct', fields };
}

const requirementsType = struct<Request['requirements']>({
  capabilities: present(listOf(capabilityType)),
  match: present(oneOf(['all', 'any'])),
  guarantees: present(guaranteesType({})),
  constraints: present(
    struct<Request['requirements']['constraints']>({
      on_device: present(boolType),
      certifications: present(strings),
      forbidden_actions: present(strings),
    }),
  ),
});

const requestType: StructType = struct<Request>({
  intent: present(struct<Request['intent']>({ type: present(stringType) })),
  requirements: present(requirementsType),
  data: present(
    struct<Request['data']>({
      classification: present(oneOf(classifications)),
      contains: present(listOf(oneOf(dataClasses))),
      jurisdictions: present(strings),
    }),
  ),
  budget: present(
    struct<Request['budget']>({
      max_cost_micro_usd: optional(intType),
      max_latency_micros: optional(intType),
    }),
  ),
  estimate: present(
    struct<Request['estimate']>({
      input_tokens: optional(intType),
      output_tokens: optional(intType),
      cached_tokens: optional(intType),
      max_input_tokens: optional(intType),
      max_output_tokens: optional(intType),
    }),
  ),
  traits: present(
    struct<Request['traits']>({
      conservative_ppm: optional(intType),
      confidential_ppm: optional(intType),
      risk_tolerance_ppm: optional(intType),
    }),
  ),
  fallback: optional(
    struct<NonNullable<Request['fallback']>>({
      max_services: present(intType),
      deadline_micros: present(intType),
    }),
  ),
  context: unreadable('read context.<field>, and declare the field in the context of the policy'),
  profile: present(stringType),
});

const userType: StructType = struct<Caller>({
  method: present(oneOf(['api_key', 'jwt', 'local'])),
  issuer: present(stringType),
  audience: present(stringType),
  key_id: present(stringType),
  not_before: present(intType),
  expires: present(intType),
  tenant: present(stringType),
  permissions: present(strings),
  trust_level: present(intType),
});

const costType = struct<Cost>({
  per_request_micro_usd: present(intType),
  per_million_input_tokens_micro_usd: optional(intType),
  per_million_output_tokens_micro_usd: optional(intType),
  per_million_cached_tokens_micro_usd: optional(intType),
  ...sourced,
});

const limitsType = struct<Limits>({
  max_input_tokens: optional(intType),
  max_output_tokens: optional(intType),
  max_total_tokens: optional(intType),
  max_classification: optional(oneOf(classifications)),
  refuses: optional(listOf(oneOf(dataClasses))),
  ...sourced,
});

const privacyType = struct<Privacy>({
  locality: present(oneOf(localities)),
  regions: present(strings),
  jurisdictions: present(strings),
  encryption: present(
    struct<Privacy['encryption']>({
      in_transit: present(boolType),
      at_rest: present(boolType),
      end_to_end: present(boolType),
    }),
  ),
  retention_days: optional(intType),
  trains_on_data: optional(boolType),
  ...sourced,
});

const securityType = struct<Contract['security']>({
  permissions: present({ kind: 'struct', fields: { all: optional(strings), any_of: optional(strings) } }),
  trust_level: present(intType),
  tenants: optional(strings),
});

const serviceType: StructType = struct<Contract>({
  id: present(stringType),
  version: present(stringType),
  description: unreadableOptional('free text decides nothing; read actions, capabilities or certifications'),
  origin: present(oneOf(['internal', 'external'])),
  zone: present(stringType),
  capabilities: present(listOf(capabilityType)),
  actions: present(strings),
  guarantees: present(
    guaranteesType({ measured: optional(stringType), invariant: optional(stringType), ...sourced }),
  ),
  constraints: present(limitsType),
  cost: optional(costType),
  privacy: present(privacyType),
  alignment: present(
    struct<Contract['alignment']>({
      certifications: present(strings),
      risk_ppm: present(intType),
      ...sourced,
    }),
  ),
  security: present(securityType),
  api: unreadable('how a service is reached decides nothing; read privacy, zone or origin'),
  invariants: present(strings),
});
