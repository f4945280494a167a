// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { canonicalText } from './canonical.js';
import { certificateShape } from './certificate-shape.js';
import { contractShape, hashShape, idShape, parametersShape, policyShape } from './document-shapes.js';
import { Falsehood, shown } from './falsehood.js';
import type { EntryKind, LogEntry } from './log-entry.js';
import type { Shape } from './shape.js';
import { anyInteger, integer, listOf, matching, natural, object, oneOf, text, truth } from './shape.js';

const author = object({ method: oneOf('api_key', 'jwt', 'local'), key_id: text });
const serviceReference = object({ service: idShape, version: text, contract: hashShape });
const verifierKey = matching(/^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/, 'a verifier key');
const ppm = integer(0, 1_000_000);

const keyRecord = object(
  {
    id: text,
    digest: hashShape,
    tenant: text,
    permissions: listOf(text),
    trust_level: anyInteger,
    scopes: listOf(text),
    not_before: anyInteger,
    expires: anyInteger,
  },
  { subject_commitment: hashShape, label: text, verifier_key: verifierKey },
);
const breach = object({ service: idShape, property: text, p0_ppm: ppm, trials: natural, misses: natural });
const measured = object(
  { result: oneOf('answered', 'rejected', 'failed', 'aborted', 'not_sent'), latency_micros: natural },
  {
    first_byte_micros: natural,
    status: natural,
    answer_bytes: natural,
    code: text,
    tokens: object({}, { input_tokens: natural, output_tokens: natural, cached_tokens: natural }),
    cost_micro_usd: natural,
  },
);
const verdict = object({ property: text, bound: natural, held: truth });
const resultCommitment = object({ commitment: hashShape }, { signature: text, signature_refused: truth });
const attemptFields = { decision: hashShape, rank: integer(0, 2), service: serviceReference };

function entryOf(kind: EntryKind, fields: { readonly [name: string]: Shape }, optional = {}): Shape {
  const head = { type: oneOf('caio/entry/v1'), kind: oneOf(kind), time: anyInteger };
  return object({ ...head, ...fields }, optional);
}
function changeOf(kind: EntryKind, fields: { readonly [name: string]: Shape }): Shape {
  return entryOf(kind, { author, ...fields }, { change: text });
}

export const entryShapes: { readonly [K in EntryKind]: Shape } = {
  genesis: entryOf('genesis', { origin: text, verifier_key: verifierKey, parameters: parametersShape }),
  'contract.put': changeOf('contract.put', { contract: contractShape }),
  'contract.remove': changeOf('contract.remove', { service: idShape }),
  'policy.put': changeOf('policy.put', { policy: policyShape }),
  'policy.remove': changeOf('policy.remove', { policy: idShape }),
  'parameters.put': changeOf('parameters.put', { parameters: parametersShape }),
  'key.put': changeOf('key.put', { key: keyRecord }),
  'key.revoke': changeOf('key.revoke', { key: text }),
  'availability.put': changeOf('availability.put', {
    service: idShape,
    state: oneOf('available', 'disabled', 'held_out'),
    reason: text,
  }),
  'history.epoch': entryOf('history.epoch', {
    epoch: integer(1, Number.MAX_SAFE_INTEGER),
    from: natural,
    to: natural,
    digest: hashShape,
    breaches: listOf(breach),
  }),
  decision: entryOf(
    'decision',
    { certificate: certificateShape },
    { attempt: object({ rank: oneOf(0), service: serviceReference }) },
  ),
  attempt: entryOf('attempt', attemptFields),
  outcome: entryOf(
    'outcome',
    { ...attemptFields, measured, verdicts: listOf(verdict) },
    { result: resultCommitment },
  ),
  proof: entryOf('proof', {
    property: text,
    scope: text,
    result: oneOf('proved', 'refuted', 'vacuous', 'unknown'),
    by: text,
  }),
  access: entryOf(
    'access',
    { author, what: oneOf('trace', 'traces', 'bundle', 'audit', 'export', 'openings', 'keys') },
    { decision: hashShape, from: natural, to: natural },
  ),
  erasure: entryOf(
    'erasure',
    { author, action: oneOf('erase', 'expire', 'hold', 'release') },
    { subject: hashShape, retention: text, openings: natural },
  ),
};

/** The entry that these bytes are. Throws a Falsehood `malformed` or, with `canonical`, `not_canonical`. */
export function readLogEntry(bytes: Uint8Array, canonical = true): LogEntry {
  const { value, written } = parsed(bytes);
  if (canonical && canonicalOf(value) !== written) {
    throw new Falsehood('not_canonical', '', 'expected the canonical bytes (RFC 8785) of the entry');
  }
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  const shape = typeof kind === 'string' ? shapeOf(kind) : undefined;
  if (shape === undefined) throw new Falsehood('malformed', '/kind', `found the kind ${shown(kind)}`);
  shape(value, '');
  return value as LogEntry;
}

function shapeOf(kind: string): Shape | undefined {
  return Object.hasOwn(entryShapes, kind) ? entryShapes[kind as EntryKind] : undefined;
}

function parsed(bytes: Uint8Array): { readonly value: unknown; readonly written: string } {
  try {
    const written = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { value: JSON.parse(written), written };
  } catch {
    throw new Falsehood('malformed', '', 'expected JSON in UTF-8');
  }
}

/** Nothing for a value that has no canonical text, or is too deep to have one. */
function canonicalOf(value: unknown): string | undefined {
  try {
    return canonicalText(value);
  } catch {
    return undefined;
  }
}
