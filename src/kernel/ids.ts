import type { Brand } from './brand.js';
import type { Problem } from './problem.js';
import { err, ok, type Result } from './result.js';

export type ServiceId = Brand<string, 'ServiceId'>;
export type PolicyId = Brand<string, 'PolicyId'>;
export type RuleId = Brand<string, 'RuleId'>;
export type TenantId = Brand<string, 'TenantId'>;
export type ZoneId = Brand<string, 'ZoneId'>;
export type KeyId = Brand<string, 'KeyId'>;
export type Version = Brand<string, 'Version'>;

/** The shape of every id, for JSON Schemas. ASCII on purpose: code-point order and UTF-16 order agree on it. */
export const idPattern = '^[a-z0-9][a-z0-9._-]{0,47}$';
export const versionPattern = '^[0-9A-Za-z.+-]{1,32}$';

const idShape = new RegExp(idPattern);
const versionShape = new RegExp(versionPattern);

function parserOf<Id extends string>(noun: string, shape: RegExp, hint: string) {
  return (text: string, path = ''): Result<Id, Problem> =>
    // The cast is the one place where a text becomes this id.
    shape.test(text)
      ? ok(text as Id)
      : err({
          code: 'id_invalid',
          path,
          message: `${JSON.stringify(text.slice(0, 64))} is not a ${noun}`,
          hint,
        });
}

const idHint = 'up to 48 of a-z, 0-9, ".", "_" and "-", starting with a letter or digit';

export const parseServiceId = parserOf<ServiceId>('service id', idShape, idHint);
export const parsePolicyId = parserOf<PolicyId>('policy id', idShape, idHint);
export const parseRuleId = parserOf<RuleId>('rule id', idShape, idHint);
export const parseTenantId = parserOf<TenantId>('tenant id', idShape, idHint);
export const parseZoneId = parserOf<ZoneId>('zone id', idShape, idHint);
export const parseKeyId = parserOf<KeyId>('key id', idShape, idHint);
export const parseVersion = parserOf<Version>(
  'version',
  versionShape,
  '1 to 32 of 0-9, A-Z, a-z, ".", "+" and "-"',
);
