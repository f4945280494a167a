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
    schema: { type: 'string', pattern: '^[0-9]{1,16}$' },
  },
  limit: {
    name: 'limit',
    in: 'query',
    description: 'Most items of a page',
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
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
} as const;
