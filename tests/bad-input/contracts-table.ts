import type { DocumentKind } from './contracts-parsers.js';

/** code, path, line, column */
export type Expected = readonly [code: string, path: string, line: number, column: number];

export interface BadDocument {
  readonly title: string;
  readonly kind: DocumentKind;
  readonly notation: 'json' | 'yaml';
  readonly text: string;
  readonly expected: readonly Expected[];
  /** Part of the hint of the first problem. */
  readonly hint?: string;
}

const contract = (lines: readonly string[]): string => lines.join('\n');

/** A contract in YAML with some of its lines replaced or added; a good one when none is. */
export function contractText(changes: { readonly [field: string]: string | undefined } = {}): string {
  const fields: Record<string, string | undefined> = {
    id: 'said',
    version: '1.0.0',
    origin: 'internal',
    capabilities: '[{type: chat}]',
    privacy: '{locality: local}',
    alignment: '{risk: 0.1}',
    security: '{permissions: [], trust_level: 0}',
    api: '{protocol: caio, url: "http://127.0.0.1:8101"}',
    ...changes,
  };
  return contract(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])),
  );
}

const request = (fields: string): string =>
  `{"request": {"intent": {"type": "chat"}${fields === '' ? '' : `, ${fields}`}}}`;
const caller = (changes: object): string =>
  JSON.stringify({
    method: 'jwt',
    issuer: 'caio',
    audience: 'caio',
    key_id: 'k',
    not_before: '2026-01-01T00:00:00Z',
    expires: '2027-01-01T00:00:00Z',
    tenant: 'acme',
    permissions: [],
    trust_level: 1,
    ...changes,
  });

const yaml = (title: string, text: string, expected: Expected, hint?: string): BadDocument => ({
  title,
  kind: 'contract',
  notation: 'yaml',
  text,
  expected: [expected],
  ...(hint === undefined ? {} : { hint }),
});

const of = (
  kind: DocumentKind,
  notation: 'json' | 'yaml',
  title: string,
  text: string,
  expected: readonly Expected[],
  hint?: string,
): BadDocument => ({ title, kind, notation, text, expected, ...(hint === undefined ? {} : { hint }) });

/** What is refused before it is a value. */
const texts: readonly BadDocument[] = [
  yaml('an anchor', 'a: &x 1', ['yaml_anchor', '', 1, 4], 'quotes'),
  yaml('an alias', 'b: *x', ['yaml_alias', '', 1, 4]),
  yaml('a tag', 'a: !!js/function "x"', ['yaml_tag', '', 1, 4]),
  yaml('a local tag', 'a: !x 1', ['yaml_tag', '', 1, 4]),
  yaml('a merge key', 'a:\n  <<: {b: 1}', ['yaml_merge_key', '/a/<<', 2, 3]),
  yaml('a directive', '%YAML 1.1\n---\na: 1', ['yaml_directive', '', 1, 1]),
  yaml('two documents', 'a: 1\n---\nb: 2', ['yaml_documents', '', 2, 1]),
  yaml('two documents, the first ended', 'a: 1\n...\nb: 2', ['yaml_documents', '', 3, 1]),
  yaml('a name twice', 'a: 1\nb: 2\n"a": 3', ['yaml_duplicate_key', '/a', 3, 1]),
  yaml('a name twice in braces', 'x: {a: 1, a: 2}', ['yaml_duplicate_key', '/x/a', 1, 11]),
  yaml('an explicit key', '? a\n: b', ['yaml_key', '', 1, 1]),
  yaml('a key that is a list', '[a]: 1', ['yaml_key', '', 1, 1]),
  yaml('no key', ': 1', ['yaml_key', '', 1, 1]),
  yaml('no key in braces', '{: 1}', ['yaml_key', '', 1, 2]),
  yaml('a tab as indentation', 'a:\n\tb: 1', ['yaml_syntax', '', 2, 1], undefined),
  yaml('two colons', 'a: b: c', ['yaml_syntax', '', 1, 5], 'quotes'),
  yaml('a list behind a key', 'a: - b', ['yaml_syntax', '', 1, 4]),
  yaml('a bracket left open', 'a: [1, 2', ['yaml_syntax', '', 1, 9]),
  yaml('a bracket too many', 'a: b\n]', ['yaml_syntax', '', 2, 1]),
  yaml('a comma too many', 'a: [1,,2]', ['yaml_syntax', '', 1, 7]),
  yaml('a quote left open', 'a: "x', ['yaml_syntax', '', 1, 4]),
  yaml('a quote left open behind an escaped one', 'a: "x\\"', ['yaml_syntax', '', 1, 4]),
  yaml('a single quote left open behind an escaped one', "a: 'x''", ['yaml_syntax', '', 1, 4]),
  yaml('an unknown escape', 'a: "\\q"', ['yaml_syntax', '', 1, 5]),
  yaml('a NUL', 'a: \0', ['yaml_control_character', '', 1, 4]),
  yaml('a byte order mark', '\ufeffa: 1', ['yaml_control_character', '', 1, 1], 'byte order mark'),
  yaml('a lone carriage return', 'a: 1\rb: 2', ['yaml_control_character', '', 1, 5]),
  yaml('half a surrogate pair', 'a: \ud800', ['yaml_control_character', '', 1, 4]),
  yaml('half an escaped surrogate pair', 'a: "\\udc00"', ['yaml_control_character', '/a', 1, 4]),
  yaml('a hexadecimal number', 'a: 0x1F', ['yaml_number', '/a', 1, 4], 'quotes'),
  yaml('a leading zero', 'a: 012', ['yaml_number', '/a', 1, 4]),
  yaml('a number without a digit before the point', 'a: .5', ['yaml_number', '/a', 1, 4]),
  yaml('infinity', 'a: .inf', ['yaml_number', '/a', 1, 4]),
  yaml('not a number', 'a: [.nan]', ['yaml_number', '/a/0', 1, 5]),
  yaml('1e400', 'a: 1e400', ['yaml_number_range', '/a', 1, 4]),
  yaml('too long', 'x'.repeat(256 * 1_024 + 1), ['yaml_too_large', '', 1, 1]),
  yaml('too long in UTF-8 only', 'é'.repeat(128 * 1_024 + 1), ['yaml_too_large', '', 1, 1]),
  yaml('2,000 brackets', '['.repeat(2_000), ['yaml_too_deep', '', 1, 65]),
  yaml('2,000 braces', '{'.repeat(2_000), ['yaml_too_deep', '', 1, 65]),
  yaml('2,000 dashes', '- '.repeat(2_000), ['yaml_too_deep', '', 1, 131]),
  yaml('2,000 question marks', '? '.repeat(2_000), ['yaml_key', '', 1, 1]),
  yaml('2,000 keys on a line', 'a: '.repeat(2_000), ['yaml_syntax', '', 1, 5]),
  yaml('2,000 pairs in brackets', '[a: '.repeat(2_000), ['yaml_too_deep', '', 1, 257]),
  yaml('steps of indentation', Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), [
    'yaml_too_deep',
    '',
    66,
    66,
  ]),
  yaml('one level too many', `${Array.from({ length: 65 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')} 1`, [
    'yaml_too_deep',
    '/a'.repeat(64),
    65,
    65,
  ]),
  yaml('too many values', `[${'a,'.repeat(10_001)}]`, ['yaml_too_many_values', '/9999', 1, 20_000]),
  yaml('too many tokens', '-\n'.repeat(30_000), ['yaml_too_many_values', '', 20_001, 1]),
  yaml('line after line of comments', `a: 1\n${'#\n'.repeat(1_000)}`, ['yaml_too_large', '', 257, 2]),
  of('contract', 'json', 'a name twice', '{"a": 1,\n "a": 2}', [['json_duplicate_key', '/a', 2, 2]]),
  of('contract', 'json', 'a comma too many', '{"a": 1,}', [['json_syntax', '/a', 1, 9]]),
  of('contract', 'json', 'nothing', '', [['json_syntax', '', 1, 1]]),
  of('request', 'json', '1e400', request('"seed": 1e400'), [['json_number_range', '/request/seed', 1, 50]]),
  of('request', 'json', '2,000 brackets', '['.repeat(2_000), [
    ['json_too_deep', `${'/0'.repeat(64)}`, 1, 65],
  ]),
];

/** What is no contract. */
const contracts: readonly BadDocument[] = [
  of('contract', 'yaml', 'nothing', '', [['type_wrong', '', 1, 1]]),
  of('contract', 'yaml', 'a list', '- a', [['type_wrong', '', 1, 1]]),
  of(
    'contract',
    'yaml',
    'a misspelt field',
    contractText({ zome: 'x' }),
    [['field_unknown', '/zome', 9, 7]],
    'did you mean zone?',
  ),
  of('contract', 'yaml', 'a missing field', contractText({ origin: undefined }), [
    ['field_missing', '/origin', 1, 1],
  ]),
  of(
    'contract',
    'yaml',
    'a version that is a number',
    contractText({ version: '1.0' }),
    [['type_wrong', '/version', 2, 10]],
    '"1.0"',
  ),
  of('contract', 'yaml', 'an id in capitals', contractText({ id: 'Said' }), [['format_wrong', '/id', 1, 5]]),
  of(
    'contract',
    'yaml',
    'null',
    contractText({ zone: 'null' }),
    [['type_wrong', '/zone', 9, 7]],
    'leave the field out',
  ),
  of('contract', 'yaml', 'no capability', contractText({ capabilities: '[]' }), [
    ['count_wrong', '/capabilities', 4, 15],
  ]),
  of(
    'contract',
    'yaml',
    'a range in reverse',
    contractText({ capabilities: '[{type: chat, parameters: {n: {min: 2, max: 1}}}]' }),
    [['range_reversed', '/capabilities/0/parameters/n', 4, 45]],
  ),
  of(
    'contract',
    'yaml',
    'a range in reverse beyond what doubles tell apart',
    contractText({
      capabilities: '[{type: chat, parameters: {n: {min: 9007199254.740991, max: 9007199254.740990}}}]',
    }),
    [['range_reversed', '/capabilities/0/parameters/n', 4, 45]],
  ),
  of(
    'contract',
    'yaml',
    'a guarantee with the wrong operator',
    contractText({ guarantees: '{latency_p95_ms: {min: 5}}' }),
    [['operator_wrong', '/guarantees/latency_p95_ms/min', 9, 36]],
    'write {max: …}',
  ),
  of(
    'contract',
    'yaml',
    'a guarantee without an operator',
    contractText({ guarantees: '{accuracy: 0.9}' }),
    [['type_wrong', '/guarantees/accuracy', 9, 24]],
    'write {min: …}',
  ),
  of(
    'contract',
    'yaml',
    'a guarantee that lacks its unit',
    contractText({ guarantees: '{latency_p95: {max: 5}}' }),
    [['field_unknown', '/guarantees/latency_p95', 9, 27]],
    'did you mean latency_p95_ms?',
  ),
  of(
    'contract',
    'yaml',
    'finer than a microsecond',
    contractText({ guarantees: '{latency_p95_ms: {max: 0.0001}}' }),
    [['number_too_fine', '/guarantees/latency_p95_ms/max', 9, 36]],
  ),
  of('contract', 'yaml', 'a ratio above one', contractText({ guarantees: '{accuracy: {min: 1.0000001}}' }), [
    ['number_out_of_range', '/guarantees/accuracy/min', 9, 30],
    ['number_too_fine', '/guarantees/accuracy/min', 9, 30],
  ]),
  of(
    'contract',
    'yaml',
    'a flag that is neither 0 nor 1',
    contractText({ guarantees: '{determinism: {equals: 2}}' }),
    [['number_out_of_range', '/guarantees/determinism/equals', 9, 36]],
  ),
  of(
    'contract',
    'yaml',
    'a price without its source, of an external service',
    contractText({ origin: 'external', cost: '{unit: usd, per_request_usd: 1}' }),
    [
      ['source_missing', '/cost/source', 9, 7],
      ['source_missing', '/cost/retrieved', 9, 7],
    ],
    'leave it out',
  ),
  of(
    'contract',
    'yaml',
    'a limit and a promise without the day they were read',
    contractText({
      origin: 'external',
      constraints: '{max_input_tokens: 1, source: x}',
      guarantees: '{accuracy: {min: 1, source: x}}',
    }),
    [
      ['source_missing', '/constraints/retrieved', 9, 14],
      ['source_missing', '/guarantees/accuracy/retrieved', 10, 24],
    ],
  ),
  of(
    'contract',
    'yaml',
    'a day that is none',
    contractText({ cost: '{unit: usd, source: x, retrieved: 2026-02-29}' }),
    [['format_wrong', '/cost/retrieved', 9, 41]],
  ),
  of('contract', 'yaml', 'prices in another unit', contractText({ cost: '{unit: eur}' }), [
    ['value_not_allowed', '/cost/unit', 9, 14],
  ]),
  of(
    'contract',
    'yaml',
    'a price above what is counted',
    contractText({ cost: '{unit: usd, per_request_usd: 100000.000001}' }),
    [['number_out_of_range', '/cost/per_request_usd', 9, 36]],
  ),
  of(
    'contract',
    'yaml',
    'a secret itself',
    contractText({ api: '{protocol: openai, url: "https://x.example", secret: sk-hunter2hunter2}' }),
    [['secret_not_a_reference', '/api/secret', 8, 59]],
    'env:NAME',
  ),
  of(
    'contract',
    'yaml',
    'a key of answers whose hash is another’s',
    contractText({
      api: '{protocol: caio, url: "https://x.example", result_key: svc+625d227f+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs}',
    }),
    [['key_wrong', '/api/result_key', 8, 61]],
    'caio key generate',
  ),
  of(
    'contract',
    'yaml',
    'a key of answers that is a witness’s',
    contractText({
      api: '{protocol: caio, url: "https://x.example", result_key: svc+beb30a99+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs}',
    }),
    [['key_wrong', '/api/result_key', 8, 61]],
  ),
  of(
    'contract',
    'yaml',
    'a secret in the URL',
    contractText({ api: '{protocol: openai, url: "https://me:hunter2hunter2@x.example"}' }),
    [['format_wrong', '/api/url', 8, 30]],
  ),
  of(
    'contract',
    'yaml',
    'a trust level of 11',
    contractText({ security: '{permissions: [], trust_level: 11}' }),
    [['number_out_of_range', '/security/trust_level', 7, 42]],
  ),
  of(
    'contract',
    'yaml',
    'permissions of no kind',
    contractText({ security: '{permissions: {one_of: [x]}, trust_level: 1}' }),
    [
      ['field_missing', '/security/permissions/any_of', 7, 25],
      ['field_unknown', '/security/permissions/one_of', 7, 34],
    ],
  ),
  of(
    'contract',
    'yaml',
    'yes for true',
    contractText({ privacy: '{locality: local, encryption: {at_rest: yes}}' }),
    [['type_wrong', '/privacy/encryption/at_rest', 5, 50]],
    'true or false',
  ),
  of('contract', 'yaml', 'an escape sequence for terminals', contractText({ description: '"\\e[2J"' }), [
    ['format_wrong', '/description', 9, 14],
  ]),
  of(
    'contract',
    'yaml',
    'more canonical bytes than the calculus admits',
    contractText({
      capabilities: `\n${Array.from({ length: 200 }, (_, i) => `  - {type: t${i}, parameters: {p: [${`${'x'.repeat(60)}, `.repeat(3)}${'y'.repeat(60)}${i}, "${'é'.repeat(60)}"]}}`).join('\n')}`,
    }),
    [['document_too_large', '', 1, 1]],
  ),
];

/** What is no request, policy, caller, parameters, history, availability or salts. */
const others: readonly BadDocument[] = [
  of('request', 'json', 'no request', '{}', [['field_missing', '/request', 1, 1]]),
  of(
    'request',
    'json',
    'an unknown field',
    request('"traits": {"risk": 0.5}'),
    [['field_unknown', '/request/traits/risk', 1, 61]],
    'did you mean risk_tolerance?',
  ),
  of('request', 'json', 'finer than a micro-dollar', request('"budget": {"max_cost_usd": 1e-7}'), [
    ['number_too_fine', '/request/budget/max_cost_usd', 1, 69],
  ]),
  of(
    'request',
    'json',
    'a number that is a double only',
    request('"budget": {"max_cost_usd": 0.1000000000000000001}'),
    [['number_too_fine', '/request/budget/max_cost_usd', 1, 69]],
  ),
  of(
    'request',
    'json',
    'the sum of 0.1 and 0.2 as doubles add',
    request('"budget": {"max_cost_usd": 0.30000000000000004}'),
    [['number_too_fine', '/request/budget/max_cost_usd', 1, 69]],
  ),
  of('request', 'json', 'a number that rounds to zero', request('"budget": {"max_cost_usd": 1e-400}'), [
    ['number_too_fine', '/request/budget/max_cost_usd', 1, 69],
  ]),
  of('request', 'json', 'a negative budget', request('"budget": {"max_cost_usd": -0.5}'), [
    ['number_out_of_range', '/request/budget/max_cost_usd', 1, 69],
  ]),
  of('request', 'json', 'a seed of 2^53', request('"seed": 9007199254740992'), [
    ['number_out_of_range', '/request/seed', 1, 50],
  ]),
  of('request', 'json', 'a seed of 2^53 - 1 and a bit', request('"seed": 9007199254740991.1'), [
    ['number_out_of_range', '/request/seed', 1, 50],
  ]),
  of('request', 'json', 'a seed that is no integer', request('"seed": 0.5'), [
    ['number_too_fine', '/request/seed', 1, 50],
  ]),
  of('request', 'json', 'tokens above 2^32', request('"estimate": {"input_tokens": 4294967297}'), [
    ['number_out_of_range', '/request/estimate/input_tokens', 1, 71],
  ]),
  of(
    'request',
    'json',
    'quotes around a number',
    request('"budget": {"max_latency_ms": "5"}'),
    [['type_wrong', '/request/budget/max_latency_ms', 1, 71]],
    'leave out the quotes',
  ),
  of('request', 'json', 'a fallback to four', request('"fallback": {"max_services": 4, "deadline_ms": 1}'), [
    ['number_out_of_range', '/request/fallback/max_services', 1, 71],
  ]),
  of(
    'request',
    'json',
    'context of other types',
    request('"context": {"a": null, "b": 1.5, "c": {}, "d": [1]}'),
    [
      ['type_wrong', '/request/context/a', 1, 59],
      ['number_too_fine', '/request/context/b', 1, 70],
      ['type_wrong', '/request/context/c', 1, 80],
      ['type_wrong', '/request/context/d/0', 1, 90],
    ],
  ),
  of(
    'request',
    'json',
    'a context name that rules cannot say',
    request('"context": {"A": 1, "__proto__": 1}'),
    [
      ['name_wrong', '/request/context/A', 1, 59],
      ['name_wrong', '/request/context/__proto__', 1, 75],
    ],
  ),
  of(
    'request',
    'json',
    'an unknown class of data',
    request('"data": {"contains": ["PII"]}'),
    [['value_not_allowed', '/request/data/contains/0', 1, 64]],
    'did you mean pii?',
  ),
  of(
    'request',
    'json',
    'more canonical bytes than the calculus admits',
    request(
      `"data": {"jurisdictions": [${Array.from({ length: 80 }, (_, i) => `"${'x'.repeat(60)}${i}"`).join(',')}]}`,
    ),
    [['document_too_large', '/request', 1, 13]],
  ),
  of(
    'policy',
    'yaml',
    'a rule id twice',
    'id: p\nversion: 1.0.0\nrules:\n  - {id: a, type: sla, when: "true", require: "true", reason: x}\n  - {id: a, type: sla, when: "true", require: "true", reason: y}',
    [['duplicate_id', '/rules/1/id', 5, 10]],
  ),
  of(
    'policy',
    'yaml',
    'a rule without its reason',
    'id: p\nversion: 1.0.0\nrules:\n  - {id: a, type: sla, when: "true", require: "true"}',
    [['field_missing', '/rules/0/reason', 4, 5]],
  ),
  of(
    'policy',
    'yaml',
    'a condition that YAML reads as a flag',
    'id: p\nversion: 1.0.0\nrules:\n  - {id: a, type: sla, when: true, require: "true", reason: x}',
    [['type_wrong', '/rules/0/when', 4, 30]],
  ),
  of('caller', 'json', 'finer than a microsecond', caller({ not_before: '2026-01-01T00:00:00.0000001Z' }), [
    ['format_wrong', '/not_before', 1, 77],
  ]),
  of('caller', 'json', 'a leap second', caller({ not_before: '2016-12-31T23:59:60Z' }), [
    ['format_wrong', '/not_before', 1, 77],
  ]),
  of('caller', 'json', 'a day that is none', caller({ not_before: '2026-02-30T00:00:00Z' }), [
    ['format_wrong', '/not_before', 1, 77],
  ]),
  of(
    'caller',
    'json',
    'an instant beyond 2^53 microseconds',
    caller({ expires: '2255-06-05T23:47:34.740992Z' }),
    [['format_wrong', '/expires', 1, 110]],
  ),
  of('caller', 'json', 'an end before the start', caller({ expires: '2026-01-01T00:00:00Z' }), [
    ['range_reversed', '/expires', 1, 110],
  ]),
  of('caller', 'json', 'an unknown method', caller({ method: 'none' }), [
    ['value_not_allowed', '/method', 1, 11],
  ]),
  of(
    'parameters',
    'json',
    'weights that do not sum to one',
    '{"profiles": {"x": {"cost": 0.5, "latency": 0.499999}}}',
    [['weights_sum', '/profiles/x', 1, 20]],
  ),
  of('parameters', 'json', 'an unknown weight', '{"profiles": {"x": {"cost": 1, "speed": 0}}}', [
    ['field_unknown', '/profiles/x/speed', 1, 41],
  ]),
  of('parameters', 'json', 'a scale of zero', '{"scales": {"cost_usd": 0}}', [
    ['number_out_of_range', '/scales/cost_usd', 1, 25],
  ]),
  of('parameters', 'json', 'a scale above 2^32', '{"scales": {"slack_rate": 4294.967297}}', [
    ['number_out_of_range', '/scales/slack_rate', 1, 27],
  ]),
  of(
    'history',
    'json',
    'more successes than trials',
    '{"from": 0, "to": 1, "rows": [{"service": "a", "trials": 1, "successes": 2}]}',
    [['successes_exceed_trials', '/rows/0/successes', 1, 74]],
  ),
  of('history', 'json', 'an end before the start', '{"from": 2, "to": 1, "rows": []}', [
    ['range_reversed', '/from', 1, 10],
  ]),
  of(
    'history',
    'json',
    'a service twice',
    '{"from": 0, "to": 1, "rows": [{"service": "a", "trials": 1, "successes": 1},\n{"service": "a", "trials": 1, "successes": 1}]}',
    [['duplicate_id', '/rows/1/service', 2, 13]],
  ),
  of(
    'availability',
    'json',
    'an unknown state',
    '{"rows": [{"service": "a", "state": "off", "reason": "x"}]}',
    [['value_not_allowed', '/rows/0/state', 1, 37]],
  ),
  of('salts', 'json', 'a salt that is too short', '{"payload": "00"}', [['format_wrong', '/payload', 1, 13]]),
  of('salts', 'json', 'a name that nothing is sealed by', `{"paylod": "${'00'.repeat(32)}"}`, [
    ['name_wrong', '/paylod', 1, 12],
  ]),
];

export const badDocuments: readonly BadDocument[] = [...texts, ...contracts, ...others];
