import { entryKinds } from '../../log/index-rows.js';
import { traceOutcomes } from '../routes/trace-list.js';

/** Query parameters that several operations share. */
export const parameters = {
  after: {
    name: 'after',
    in: 'query',
    description: 'Ids behind this one; next_after of the page before',
    schema: { type: 'string' },
  },
  cursor: {
    name: 'cursor',
    in: 'query',
    description: 'next_cursor of the page before',
    schema: { type: 'string', pattern: '^[0-9]{16}\\.[0-9]{16}$' },
  },
  limit: {
    name: 'limit',
    in: 'query',
    description: 'Most items of a page',
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  },
  service: {
    name: 'service',
    in: 'query',
    description: 'Id of a service',
    schema: { type: 'string' },
  },
  from: {
    name: 'from',
    in: 'query',
    description: 'Not before this time (RFC 3339)',
    schema: { type: 'string', format: 'date-time' },
  },
  to: {
    name: 'to',
    in: 'query',
    description: 'Before this time (RFC 3339)',
    schema: { type: 'string', format: 'date-time' },
  },
  outcome: {
    name: 'outcome',
    in: 'query',
    description: 'What the decision came to, or how one of its attempts ended',
    schema: { enum: [...traceOutcomes] },
  },
  kind: {
    name: 'kind',
    in: 'query',
    description: 'Kind of the entries',
    schema: { enum: [...entryKinds] },
  },
  entry_from: {
    name: 'from',
    in: 'query',
    description: 'The first log index; next_from of the page before',
    schema: { type: 'integer', minimum: 0, default: 0 },
  },
  entry_to: {
    name: 'to',
    in: 'query',
    description: 'The log index behind the last',
    schema: { type: 'integer', minimum: 0 },
  },
  level: {
    name: 'level',
    in: 'query',
    description: 'The level of verification that the bundle is for',
    schema: { enum: [1, 2, 3, 4, 5], default: 3 },
  },
  proof_level: {
    name: 'level',
    in: 'query',
    description: '4: under the newest checkpoint of the log; 5: under one that its witnesses have cosigned',
    schema: { enum: [4, 5], default: 4 },
  },
  change: {
    name: 'x-caio-change',
    in: 'header',
    description: 'Base64 of the signed note of this change; needed where the parameters ask for approval',
    schema: { type: 'string', contentEncoding: 'base64' },
  },
} as const;
