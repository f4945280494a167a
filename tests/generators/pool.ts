import fc from 'fast-check';
import type { Contract } from '../../src/contracts/contract.js';
import type { ContextField } from '../../src/contracts/policy.js';
import type { Request } from '../../src/contracts/request.js';
import { contextTypes } from '../../src/rules/context.js';
import { ruleEnvironment, serviceVariable } from '../../src/rules/environment.js';
import { parseCondition } from '../../src/rules/syntax/lower.js';
import type { Environment } from '../../src/rules/syntax/types.js';
import { conditions } from './cel.js';
import { contracts, requests } from './documents.js';

/** The context that generated policies declare, all of it or parts. */
export const contextDeclarations: { readonly [field: string]: ContextField } = {
  age: { type: 'int', sealed: false },
  patient: { type: 'string', sealed: true },
  region: { type: 'string', sealed: false },
  tags: { type: 'string_list', sealed: false },
  urgent: { type: 'bool', sealed: false },
};

/**
 * What is drawn from as it is: conditions over everything that rules may read, from the generator that the evaluators are held together with, and
 * contracts and requests from the generators that the parsers are tested with. Those know nothing of each other, and no bounds but the schemas'.
 */
export interface Pool {
  readonly contracts: readonly Contract[];
  readonly requests: readonly Request[];
  readonly when: readonly string[];
  readonly require: readonly string[];
}

const literals = {
  'request.data.contains[]': ['phi', 'pii'],
  'request.data.jurisdictions[]': ['EU', 'CH'],
  'request.intent.type': ['chat', 'embed'],
  'request.profile': ['balanced'],
  'service.zone': ['default', 'dmz'],
  'service.privacy.jurisdictions[]': ['EU', 'CH'],
  'service.actions[]': ['send_mail', 'delete_files'],
  'service.alignment.risk_ppm': [0, 100_000],
  'service.cost.per_request_micro_usd': [0, 100],
  'service.capabilities[].type': ['chat', 'embed'],
  'user.tenant': ['acme', 'clinic'],
  'user.permissions[]': ['admin', 'chat:use'],
  'user.trust_level': [0, 5],
};

/** Rarely what is long-winded to read and never interesting. */
function weightOf(path: string): number {
  if (/guarantees|source|retrieved|description/.test(path)) return 1;
  return path.startsWith('context') || path.startsWith('user') ? 6 : 3;
}

/** `count` of each, the same ones for the same seed; about 1 ms each. Expressions too deep or long to load are left out. */
export function samplePool(seed: number, count: number): Pool {
  const declared = contextTypes([{ id: 'pool', version: '1', context: contextDeclarations, rules: [] }]);
  if (!declared.ok) throw new Error(JSON.stringify(declared.error));
  const environment = ruleEnvironment(declared.value);
  const { [serviceVariable]: _, ...requestEnvironment } = environment;
  const sample = (of: Environment) =>
    fc
      .sample(conditions(of, { depth: 2, literals, weightOf }), { seed, numRuns: count })
      .filter((text) => parseCondition(text, of).ok);
  return {
    when: sample(requestEnvironment),
    require: sample(environment),
    contracts: fc.sample(contracts, { seed, numRuns: count }),
    requests: fc.sample(requests, { seed, numRuns: count }),
  };
}
