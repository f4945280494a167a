import { parseCaller } from '../../contracts/parse-caller.js';
import type { SourceDocument } from '../../kernel/json.js';
import type { Problem } from '../../kernel/problem.js';
import { err, ok, type Result } from '../../kernel/result.js';
import { keyAlgorithm, parseVerifierKey } from '../../kernel/verifier-key.js';
import { derivedDocument } from '../http/parse-body.js';
import type { KeyRealm } from './api-key.js';
import { isScope, type Scope, scopes } from './scope.js';

/** What a new API key is to allow, as asked for. */
export interface Grant {
  readonly label?: string;
  readonly scopes: readonly Scope[];
  readonly subject?: string;
  readonly tenant: string;
  readonly permissions: readonly string[];
  readonly trust_level: number;
  readonly not_before: number;
  readonly expires: number;
  /** With it the holder signs changes. */
  readonly verifier_key?: string;
}

const identityFields = ['tenant', 'permissions', 'trust_level', 'not_before', 'expires', 'subject'] as const;
const ownFields = ['label', 'scopes', 'verifier_key'] as const;
const beginning = '1970-01-01T00:00:00Z';

/**
 * `{tenant, scopes, permissions?, trust_level?, expires, not_before?, subject?, label?, verifier_key?}`; times in RFC 3339. The identity in it is checked
 * by the schema of callers, so that a key can say nothing that a decision could not read.
 */
export function parseGrant(document: SourceDocument, realm: KeyRealm): Result<Grant, readonly Problem[]> {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return err([{ code: 'type_wrong', path: '', message: 'expected an object' }]);
  }
  const wire = value as { readonly [name: string]: SourceDocument['value'] };
  const problems = [
    ...unknownFields(wire),
    ...checkScopes(wire.scopes),
    ...checkLabel(wire.label),
    ...checkVerifierKey(wire.verifier_key),
  ];
  const identity = Object.fromEntries(
    identityFields.flatMap((name) => (wire[name] === undefined ? [] : [[name, wire[name]]])),
  );
  const caller = parseCaller(
    derivedDocument(document, {
      method: 'api_key',
      issuer: realm.issuer,
      audience: realm.audience,
      key_id: 'new',
      not_before: beginning,
      permissions: [],
      trust_level: 0,
      ...identity,
    }),
  );
  if (!caller.ok) return err([...problems, ...caller.error]);
  if (problems.length > 0) return err(problems);
  const { tenant, permissions, trust_level, not_before, expires } = caller.value.caller;
  return ok({
    ...(wire.label === undefined ? {} : { label: wire.label as string }),
    ...(caller.value.subject === undefined ? {} : { subject: caller.value.subject }),
    scopes: [...new Set(wire.scopes as readonly Scope[])].sort(),
    tenant,
    permissions,
    trust_level,
    not_before,
    expires,
    ...(wire.verifier_key === undefined ? {} : { verifier_key: wire.verifier_key as string }),
  });
}

function unknownFields(wire: object): readonly Problem[] {
  const known: readonly string[] = [...identityFields, ...ownFields];
  return Object.keys(wire)
    .filter((name) => !known.includes(name))
    .slice(0, 16)
    .map(() => ({
      code: 'field_unknown',
      path: '',
      message: 'a field that nobody reads',
      hint: `the fields are ${known.join(', ')}`,
    }));
}

function checkScopes(value: unknown): readonly Problem[] {
  const valid = Array.isArray(value) && value.length > 0 && value.length <= 64;
  if (valid && value.every((scope) => typeof scope === 'string' && isScope(scope))) return [];
  const message = `expected a list of one or more of ${scopes.join(', ')}`;
  return [{ code: 'value_not_allowed', path: '/scopes', message }];
}

function checkLabel(value: unknown): readonly Problem[] {
  if (value === undefined || (typeof value === 'string' && /^[^\p{Cc}]{1,128}$/u.test(value))) return [];
  return [{ code: 'length_wrong', path: '/label', message: 'expected one line of up to 128 characters' }];
}

/** Signed notes are signed with Ed25519; a witness's key, of another algorithm, signs none. */
function checkVerifierKey(value: unknown): readonly Problem[] {
  if (value === undefined) return [];
  const key = typeof value === 'string' ? parseVerifierKey(value) : undefined;
  if (key?.ok === true && key.value.algorithm === keyAlgorithm.ed25519) return [];
  const message = key?.ok === false ? key.error.message : 'expected the verifier key of an Ed25519 key';
  const hint = 'caio key generate makes a signing key and prints its verifier key';
  return [{ code: 'key_invalid', path: '/verifier_key', message, hint }];
}
