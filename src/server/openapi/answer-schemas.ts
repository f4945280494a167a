import { errorTable } from '../../kernel/errors.js';
import { scopes } from '../identity/scope.js';

const text = { type: 'string' } as const;
const integer = { type: 'integer' } as const;
const digest = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const listOf = (items: object) => ({ type: 'array', items });
const object = (properties: object, required: readonly string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
});

const service = {
  id: text,
  version: text,
  digest,
  enabled: { type: 'boolean' },
  availability: text,
  reason: text,
};
const serviceRequired = ['id', 'version', 'digest', 'enabled'];
const policy = { id: text, version: text, digest };
const key = {
  id: text,
  label: text,
  tenant: text,
  scopes: listOf({ enum: [...scopes] }),
  permissions: listOf(text),
  trust_level: integer,
  not_before: { type: 'string', format: 'date-time' },
  expires: { type: 'string', format: 'date-time' },
  verifier_key: text,
  revoked_at: { type: 'string', format: 'date-time' },
};
const keyRequired = ['id', 'tenant', 'scopes', 'permissions', 'trust_level', 'not_before', 'expires'];
const serviceReference = object({ service: text, version: text, contract: digest });
const certificate = {
  type: 'object',
  description: 'caio/certificate/v1: inputs, funnel, ranking, outcome, proofs',
};
const decision = {
  decision_id: digest,
  log_index: integer,
  outcome: { enum: ['routed', 'refused'] },
  openings: {
    type: 'object',
    additionalProperties: digest,
    description: 'Salt of each sealed value, in hex',
  },
  certificate,
  envelope: { type: 'object', description: 'DSSE envelope around the certificate, Ed25519' },
};

/** What the server answers, and the bodies that have no schema file of their own. */
export const answerSchemas: Readonly<Record<string, unknown>> = {
  Problem: {
    ...object(
      {
        type: text,
        title: text,
        status: integer,
        code: { enum: Object.keys(errorTable), description: 'Stable: what a program decides on' },
        detail: text,
        instance: text,
        problems: listOf(
          object({ code: text, path: text, message: text, hint: text, line: integer, column: integer }, [
            'code',
            'path',
            'message',
          ]),
        ),
        reason: {
          ...text,
          description:
            'Of code unauthenticated: why the credential does not hold; of change_not_signed: what is missing',
        },
        required: {
          enum: ['none', 'author', 'author_and_approver'],
          description: 'Of code change_not_signed: who has to sign',
        },
        statement: {
          ...text,
          description: 'Of code change_not_signed: the text to sign; another expiry is as good',
        },
        decision_id: digest,
        log_index: integer,
      },
      ['type', 'title', 'status', 'code', 'instance'],
    ),
    description: 'RFC 9457 problem details',
  },
  OpenAiError: object({
    error: object({ message: text, type: text, param: { type: ['string', 'null'] }, code: text }),
  }),
  Service: object({ ...service, contract: reference('Contract') }, serviceRequired),
  ServiceList: object(
    { services: listOf(object(service, serviceRequired)), as_of: integer, next_after: text },
    ['services', 'as_of'],
  ),
  ServiceHistory: object(
    {
      service: text,
      registered: { type: 'boolean' },
      epoch: {
        ...object({ number: integer, from: integer, to: integer }),
        description: 'The last closed epoch, over the log indexes [from, to); number 0 before the first',
      },
      trials: integer,
      successes: integer,
      latency: {
        ...listOf(object({ at_most_ms: integer, above_ms: integer, successes: integer }, ['successes'])),
        description: 'Successes by latency, buckets that are not empty',
      },
      promises: listOf(
        object({
          property: text,
          p0_ppm: { ...integer, description: 'The miss rate that the promise allows' },
          trials: integer,
          misses: integer,
          verdict: { type: 'string', pattern: '^(breach|no evidence \\([0-9]+\\))$' },
        }),
      ),
      next_epoch: object({ number: integer, from: integer, trials: integer }),
      breaker: object(
        {
          state: { enum: ['closed', 'open'] },
          failures_in_a_row: integer,
          opens_at_failures: integer,
          since_micros: integer,
          until_micros: integer,
        },
        ['state', 'failures_in_a_row'],
      ),
      as_of: integer,
    },
    ['service', 'registered', 'epoch', 'trials', 'successes', 'promises', 'next_epoch', 'breaker', 'as_of'],
  ),
  Reason: object({ reason: text }),
  PolicyAnswer: object({ ...policy, policy: reference('Policy') }),
  PolicyList: object(
    { policies: listOf(object({ ...policy, rules: integer })), as_of: integer, next_after: text },
    ['policies', 'as_of'],
  ),
  ParametersAnswer: object({ digest, parameters: reference('Parameters') }),
  Grant: object(
    {
      tenant: text,
      scopes: key.scopes,
      permissions: key.permissions,
      trust_level: integer,
      not_before: key.not_before,
      expires: key.expires,
      subject: { ...text, description: 'Whom the key speaks for; sealed, never in the log' },
      label: text,
      verifier_key: {
        ...text,
        description: 'With its signing key the holder signs changes; an admin grants it',
      },
    },
    ['tenant', 'scopes', 'expires'],
  ),
  KeyRecord: object(
    {
      id: text,
      digest: { ...digest, description: 'SHA-256 of the text of the key' },
      label: text,
      tenant: text,
      permissions: key.permissions,
      trust_level: integer,
      scopes: key.scopes,
      not_before: { ...integer, description: 'Microseconds since the epoch' },
      expires: { ...integer, description: 'Microseconds since the epoch' },
      verifier_key: text,
    },
    ['id', 'digest', 'tenant', 'permissions', 'trust_level', 'scopes', 'not_before', 'expires'],
  ),
  Key: object(key, keyRequired),
  IssuedKey: object({ key: { ...text, description: 'caio_<id>_<secret>, shown once' }, ...key }, [
    'key',
    ...keyRequired,
  ]),
  KeyList: object({ keys: listOf(object(key, keyRequired)), next_after: text }, ['keys']),
  Discovery: object({
    matched: listOf(object({ id: text, version: text })),
    admissible: listOf(object({ id: text, version: text, total: integer })),
    considered: integer,
    funnel: { type: 'object' },
    rules: { type: 'object' },
    outcome: { type: 'object' },
    as_of: integer,
  }),
  Decision: object(decision),
  Execution: {
    ...object(
      {
        request: { $ref: '#/components/schemas/Request/properties/request' },
        payload: { description: 'Any JSON value: committed to and forwarded' },
        stream: { type: 'boolean', default: false },
      },
      ['request'],
    ),
  },
  Executed: object(
    {
      ...decision,
      service: serviceReference,
      rank: integer,
      status: integer,
      result: { description: 'What the service answered' },
      result_encoding: { const: 'base64' },
      attempts: listOf(object({ rank: integer, service: serviceReference, measured: { type: 'object' } })),
    },
    [...Object.keys(decision), 'service', 'rank', 'status', 'result', 'attempts'],
  ),
  TraceList: object({ traces: listOf({ type: 'object' }), next_cursor: text }, ['traces']),
  Trace: object(
    {
      ...decision,
      openings_gone: listOf(text),
      first_attempt: { type: 'object' },
      events: listOf({ type: 'object' }),
    },
    ['decision_id', 'log_index', 'outcome', 'certificate', 'envelope', 'events'],
  ),
  Erasure: object(
    {
      openings: { ...integer, description: 'How many are gone' },
      log_index: integer,
      commitment: { ...digest, description: 'To the subject, in the entry of the log' },
      salt: { ...digest, description: 'Opens the commitment; kept nowhere' },
    },
    ['openings'],
  ),
  Hold: object(
    { commitment: digest, since: { type: 'string', format: 'date-time' }, log_index: integer, salt: digest },
    ['commitment', 'since'],
  ),
  Sweep: object({ expired: listOf(object({ retention: text, openings: integer, log_index: integer })) }),
  EntryList: object(
    { entries: listOf(object({ log_index: integer, entry: { type: 'object' } })), next_from: integer },
    ['entries'],
  ),
  AttemptList: object(
    {
      attempts: listOf(
        object(
          {
            log_index: integer,
            time_micros: integer,
            decision_id: digest,
            decision_index: integer,
            tenant: text,
            rank: integer,
            service: serviceReference,
            outcome: { ...text, description: 'none, or how the attempt ended' },
            disclosed: { type: 'boolean', description: 'Whether the payload counts as disclosed' },
            reason: text,
            outcome_index: integer,
            measured: { type: 'object' },
            verdicts: listOf({ type: 'object' }),
          },
          [
            'log_index',
            'time_micros',
            'decision_id',
            'decision_index',
            'rank',
            'service',
            'outcome',
            'disclosed',
          ],
        ),
      ),
      next_cursor: text,
    },
    ['attempts'],
  ),
  AuditSummary: object({
    kinds: { type: 'object', additionalProperties: integer },
    attempts: object({ recorded: integer, with_outcome: integer, without_outcome: integer }),
    size: integer,
    root: digest,
    checkpoint: text,
    as_of: integer,
    services: integer,
    policies: integer,
  }),
  Bundle: { type: 'object', description: 'caio/bundle/v1, as canonical JSON: keep the bytes as they are' },
  ChatCompletion: {
    ...object(
      {
        model: { type: 'string', pattern: '^caio:', description: 'caio:<intent>' },
        messages: listOf({ type: 'object' }),
        stream: { type: 'boolean' },
        caio: { type: 'object', description: 'The form of `request` in Request, without intent' },
      },
      ['model', 'messages'],
    ),
    additionalProperties: true,
  },
};
