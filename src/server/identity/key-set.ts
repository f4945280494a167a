import type { JSONWebKeySet, JWK } from 'jose';
import { readJson } from '../../kernel/json.js';
import type { Problem } from '../../kernel/problem.js';
import { err, ok, type Result } from '../../kernel/result.js';
import { jwtAlgorithms } from './jwt.js';

/** Members of private and symmetric keys (RFC 7518 §6): none of them belongs into a set that only verifies. */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;
const keyTypes: { readonly [alg: string]: string } = { EdDSA: 'OKP', ES256: 'EC', RS256: 'RSA' };

/**
 * A JWK set (RFC 7517 §5) of public keys, each with a `kid` of its own and an `alg` that is accepted. A set with a secret in it is
 * refused whole: it should not lie in a file that is handed around.
 */
export function parseKeySet(text: string): Result<JSONWebKeySet, readonly Problem[]> {
  const document = readJson(text);
  if (!document.ok) return document;
  const value = document.value.value as { readonly keys?: unknown } | null;
  const keys: unknown = typeof value === 'object' ? value?.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > 64) {
    return err([{ code: 'key_set_invalid', path: '/keys', message: 'expected a list of 1 to 64 keys' }]);
  }
  const seen = new Set<string>();
  const problems = keys.flatMap((key: unknown, i) => checkKey(key, `/keys/${i}`, seen));
  return problems.length === 0 ? ok({ keys: keys.map((key: JWK) => ({ ...key })) }) : err(problems);
}

function checkKey(value: unknown, path: string, seen: Set<string>): readonly Problem[] {
  const problem = (message: string, member?: string): Problem => ({
    code: 'key_set_invalid',
    path: member === undefined ? path : `${path}/${member}`,
    message,
  });
  if (typeof value !== 'object' || value === null) return [problem('expected a key')];
  const key = value as { readonly [member: string]: unknown };
  const secret = secretMembers.find((member) => key[member] !== undefined);
  if (secret !== undefined || key.kty === 'oct') {
    return [problem('a private or shared key: this file holds public keys only')];
  }
  const problems: Problem[] = [];
  const { kid, alg } = key;
  if (typeof kid !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(kid)) {
    problems.push(problem('expected 1 to 128 visible ASCII characters', 'kid'));
  } else if (seen.has(kid)) problems.push(problem('two keys have this id', 'kid'));
  else seen.add(kid);
  if (typeof alg !== 'string' || keyTypes[alg] === undefined) {
    problems.push(problem(`expected one of ${jwtAlgorithms.join(', ')}`, 'alg'));
  } else if (key.kty !== keyTypes[alg]) problems.push(problem(`${alg} takes ${keyTypes[alg]} keys`, 'kty'));
  return problems;
}
