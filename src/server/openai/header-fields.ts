import type { Problem } from '../../kernel/problem.js';
import { err, ok, type Result } from '../../kernel/result.js';
import { isJsonObject, type JsonObject, type JsonTree } from './json-object.js';

type Kind = 'text' | 'list' | 'number' | 'flag';

/** Header → where it goes in a request, and how it is written. Lists are separated by commas. */
export const requirementHeaders = {
  'x-caio-profile': { path: ['profile'], kind: 'text' },
  'x-caio-subject': { path: ['subject'], kind: 'text' },
  'x-caio-seed': { path: ['seed'], kind: 'number' },
  'x-caio-classification': { path: ['data', 'classification'], kind: 'text' },
  'x-caio-contains': { path: ['data', 'contains'], kind: 'list' },
  'x-caio-jurisdictions': { path: ['data', 'jurisdictions'], kind: 'list' },
  'x-caio-max-cost-usd': { path: ['budget', 'max_cost_usd'], kind: 'number' },
  'x-caio-max-latency-ms': { path: ['budget', 'max_latency_ms'], kind: 'number' },
  'x-caio-on-device': { path: ['requirements', 'constraints', 'on_device'], kind: 'flag' },
} as const satisfies { readonly [name: string]: { readonly path: readonly string[]; readonly kind: Kind } };

export interface HeaderFields {
  readonly request: JsonObject;
  /** Pointer → text of each number that came in a header. */
  readonly numbers: ReadonlyMap<string, string>;
}

/** `request` with the fields that headers set. What is not of the right form is left as text, for the parser to refuse with its path. */
export function headerFields(
  header: (name: string) => string | undefined,
  request: JsonObject,
): Result<HeaderFields, readonly Problem[]> {
  let result = request;
  const numbers = new Map<string, string>();
  for (const [name, { path, kind }] of Object.entries(requirementHeaders)) {
    const text = header(name)?.trim();
    if (text === undefined) continue;
    const value = headerValue(text, kind);
    const set = setAt(result, path, value);
    if (set === undefined) {
      const message = `the header ${name} sets what the body sets too`;
      return err([{ code: 'given_twice', path: `/caio/${path.join('/')}`, message }]);
    }
    if (typeof value === 'number') numbers.set(`/request/${path.join('/')}`, text);
    result = set;
  }
  return ok({ request: result, numbers });
}

function headerValue(text: string, kind: Kind): JsonTree {
  switch (kind) {
    case 'text':
      return text;
    case 'list':
      return text.split(',').map((item) => item.trim());
    case 'number':
      return /^-?(0|[1-9][0-9]{0,63})(\.[0-9]{1,64})?$/.test(text) ? Number(text) : text;
    case 'flag':
      return text === 'true' ? true : text === 'false' ? false : text;
    default:
      return kind satisfies never;
  }
}

/** `undefined` when there is something at the path, or something on the way that is no object. */
function setAt(
  object: JsonObject,
  [name, ...rest]: readonly string[],
  value: JsonTree,
): JsonObject | undefined {
  if (name === undefined) return undefined;
  const current = object[name];
  if (rest.length === 0) return current === undefined ? { ...object, [name]: value } : undefined;
  if (current !== undefined && !isJsonObject(current)) return undefined;
  const inner = setAt(current ?? {}, rest, value);
  return inner === undefined ? undefined : { ...object, [name]: inner };
}
