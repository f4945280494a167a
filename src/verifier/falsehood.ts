// Generated from notebooks/math/05_untrusted_documents.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

/** What can be false, and nothing else. */
export type VerificationCode =
  /** The verifier key is not a signed-note key, or its hash is wrong. */
  | 'key_malformed'
  /** Not strict JSON, an unknown or missing field, a value out of its range, or not in normal form. */
  | 'malformed'
  /** The bundle does not hold what this level needs. */
  | 'level_not_packed'
  /** The envelope names another key. */
  | 'key_mismatch'
  | 'signature_wrong'
  /** The signed bytes are not the canonical bytes of what they hold. */
  | 'not_canonical'
  | 'request_digest_wrong'
  | 'id_wrong'
  | 'provenance_wrong'
  | 'commitments_wrong'
  | 'statements_wrong'
  | 'funnel_wrong'
  | 'rules_wrong'
  | 'ranking_wrong'
  | 'outcome_wrong'
  | 'parameters_digest_wrong'
  | 'policies_root_wrong'
  | 'registry_root_wrong'
  | 'history_root_wrong'
  | 'availability_root_wrong'
  | 'profile_unknown'
  | 'member_mismatch'
  /** A step lets a service of the chain through that its own predicates exclude. */
  | 'authentication_fails'
  | 'matching_fails'
  | 'rules_fail'
  | 'security_fails'
  | 'constraints_fail'
  | 'terms_wrong'
  | 'constraint_values_wrong'
  | 'chain_wrong'
  | 'promise_wrong'
  /** The inputs of the certificate are not those that the state gives. */
  | 'inputs_wrong'
  /** What the log's entry says beside the certificate is not of this decision. */
  | 'record_wrong'
  /** The decision stands before the state that it says it was made on. */
  | 'index_wrong'
  | 'proof_malformed'
  | 'note_malformed'
  /** The key of the log signed no checkpoint here. */
  | 'unsigned'
  | 'checkpoint_malformed'
  /** A checkpoint of another log than the key's. */
  | 'origin_wrong'
  /** The entry is not at that index under that root. */
  | 'inclusion_wrong'
  | 'too_few_witnesses';

/** The first false thing: which, where (a JSON pointer into the bundle or the certificate), and what was expected. */
export class Falsehood extends Error {
  constructor(
    readonly code: VerificationCode,
    readonly path: string,
    message: string,
  ) {
    super(message);
  }
}

/** Text of a value for a message, at most 80 characters. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

/** Throws unless `found` is `expected`. */
export function expectSame(
  code: VerificationCode,
  path: string,
  expected: string | number | boolean,
  found: string | number | boolean | undefined,
): void {
  if (found !== expected)
    throw new Falsehood(code, path, `expected ${shown(expected)}, found ${shown(found)}`);
}

/** Throws unless `holds`; `what` finishes the sentence "expected …". */
export function expectThat(holds: boolean, code: VerificationCode, path: string, what: string): void {
  if (!holds) throw new Falsehood(code, path, `expected ${what}`);
}

/** One step further down a JSON pointer (RFC 6901). */
export function pointer(path: string, part: string | number): string {
  return `${path}/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
