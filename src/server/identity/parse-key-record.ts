import { formatTimestamp } from '../../contracts/timestamp.js';
import { canonicalText } from '../../kernel/canonical.js';
import type { SourceDocument } from '../../kernel/json.js';
import type { JsonValue } from '../../kernel/json-value.js';
import type { Problem } from '../../kernel/problem.js';
import { err, ok, type Result } from '../../kernel/result.js';
import type { KeyRecord } from '../../log/key-record.js';
import { derivedDocument } from '../http/parse-body.js';
import type { KeyRealm } from './api-key.js';
import { type Grant, parseGrant } from './parse-grant.js';

/** A record that was made elsewhere, and the grant that it is. */
export interface RecordedGrant {
  readonly record: KeyRecord;
  readonly grant: Grant;
}

const shapes = { id: /^[0-9a-f]{16}$/, digest: /^[0-9a-f]{64}$/ } as const;
const times = ['not_before', 'expires'] as const;

/**
 * A key record as the log has it: times in microseconds, lists sorted, nothing more. Whoever signed its digest signed these bytes, so
 * nothing in it is put right: another form is a problem. A record with a commitment to a subject is refused, since nobody here could open it.
 */
export function parseKeyRecord(
  document: SourceDocument,
  realm: KeyRealm,
): Result<RecordedGrant, readonly Problem[]> {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return err([{ code: 'type_wrong', path: '', message: 'expected an object' }]);
  }
  const { id, digest, ...others } = value as { readonly [name: string]: JsonValue };
  const problems = [
    ...checkShape('id', id),
    ...checkShape('digest', digest),
    ...times.flatMap((name) => checkTime(name, others[name])),
  ];
  if (problems.length > 0) return err(problems);
  const [notBefore, expires] = times.map((name) => formatTimestamp(others[name] as number));
  const wire = { ...others, not_before: notBefore as string, expires: expires as string };
  const grant = parseGrant(derivedDocument(document, wire), realm);
  if (!grant.ok) return grant;
  const { subject, ...clear } = grant.value;
  if (subject !== undefined) {
    const message = 'a record names no subject: the server keeps those, so it has to issue such a key';
    return err([{ code: 'value_not_allowed', path: '/subject', message }]);
  }
  const record: KeyRecord = { id: id as string, digest: digest as string, ...clear };
  if (canonicalText(record) !== canonicalText(value)) {
    const message = 'the record is not in normal form: scopes and permissions are sorted, each once';
    return err([
      { code: 'value_not_allowed', path: '', message, hint: 'caio api-key issue --offline writes it so' },
    ]);
  }
  return ok({ record, grant: grant.value });
}

function checkShape(name: keyof typeof shapes, value: JsonValue | undefined): readonly Problem[] {
  if (typeof value === 'string' && shapes[name].test(value)) return [];
  const digits = name === 'id' ? 16 : 64;
  return [{ code: 'value_not_allowed', path: `/${name}`, message: `expected ${digits} hexadecimal digits` }];
}

function checkTime(name: (typeof times)[number], value: JsonValue | undefined): readonly Problem[] {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return [];
  return [{ code: 'value_not_allowed', path: `/${name}`, message: 'expected microseconds since the epoch' }];
}
