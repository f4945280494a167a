import { describe, expect, it } from 'vitest';
import { ruleEnvironment } from '../../../src/rules/environment.js';
import { parseCondition } from '../../../src/rules/syntax/lower.js';

const environment = ruleEnvironment({
  kind: 'struct',
  fields: {
    department: { type: { kind: 'string' }, optional: true, sealed: false },
    patient: { type: { kind: 'string' }, optional: true, sealed: true },
  },
});

function problems(source: string): readonly string[] {
  const parsed = parseCondition(source, environment);
  if (parsed.ok) return [];
  return parsed.error.map(({ line, column, message, hint }) => `${line}:${column} ${message} | ${hint}`);
}

describe('a problem names its place and what to write instead', () => {
  it.each([
    ['request.dta.contains == 1', '1:9 there is no field dta | did you mean data?'],
    ['requst.profile == "x"', '1:1 there is no variable requst | did you mean request?'],
    ['context.dept == "x"', '1:9 there is no field dept | did you mean department?'],
    ['context.patient == "x"', '1:9 patient is sealed: rules cannot read it | decide on clear fields only'],
    ['has(context.patient)', '1:1 patient is sealed: rules cannot read it | decide on clear fields only'],
    ['request.context.department == "x"', /^1:9 context cannot be read by rules \| read context\.<field>/],
    ['service.api.url == "x"', /^1:9 api cannot be read by rules \| .*read privacy, zone or origin$/],
    ['service.description == "x"', /^1:9 description cannot be read by rules/],
    ['"ph" in request.data.contains', /^1:1 "ph" is not a value .* \| did you mean phi\?$/],
    ['request.data.classification == "restrictd"', /^1:32 .* \| did you mean restricted\?$/],
    ['service.privacy.locality in ["local", "on-device"]', /^1:39 .* \| did you mean on_device\?$/],
    ['request.traits.conservative_ppm > 0.5', /^1:35 .*fraction.* \| .*0\.9 is 900000 ppm$/],
    [
      'request.budget.max_cost_micro_usd == null',
      /^1:38 null is outside .* \| absent means missing: ask has/,
    ],
    ['now > timestamp("2026-01-01T00:00:00Z")', /^1:7 timestamp.* \| time is an integer in microseconds/],
    ['user.tenant.startsWith("eu-")', /^1:12 startsWith.* \| compare whole strings/],
    ['user.tenant < "m"', /^1:1 the left side of < must be int; this is string \| strings are not ordered/],
    ['user.permissions[0] == "admin"', /^1:17 indexing is outside .* \| use all, exists or exists_one/],
    ['request.data.contains.map(x, x) == 1', /^1:22 map.* \| use all, exists or exists_one over the list$/],
    [
      'size(user.tenant) > 3',
      /^1:6 the operand of size must be a list; this is string \| strings have no parts/,
    ],
    [
      'user.trust_level',
      '1:1 a condition must be bool; this is int | compare it with something: x == 1, x in […], size(x) > 0',
    ],
    [
      'true &&\n  1 + true > 2',
      '2:7 the right side of + must be int; this is bool | use numbers, or size(list)',
    ],
    ['user.trust_level >', /^1:19 Unexpected token: EOF/],
    ['(user.trust_level > 1', /^1:22 Expected RPAREN/],
    ['user.tenant == "x', /^1:16 the string is not closed \| close it with "$/],
  ])('%s', (source, expected) => {
    const [first] = problems(source);
    if (typeof expected === 'string') expect(first).toBe(expected);
    else expect(first).toMatch(expected);
  });

  it('several at once, in source order of their parts', () => {
    expect(problems('user.foo && request.dta == 1 || 1.5 > now').map((text) => text.slice(0, 4))).toEqual([
      '1:6 ',
      '1:21',
      '1:33',
    ]);
  });

  it('at most sixteen of one expression', () => {
    expect(problems(Array(40).fill('nothing').join(' && '))).toHaveLength(16);
  });
});

describe('limits', () => {
  const pad = (source: string, length: number) => source + ' '.repeat(length - source.length);

  it.each([
    ['4,096 characters', pad('true', 4096), pad('true', 4097), 'too_long'],
    ['256 nodes', chain(255), chain(256), 'too_many_nodes'],
    ['256 nodes, elements of lists among them', list(253), list(254), 'too_many_nodes'],
    ['32 levels of the tree', levels(30), levels(31), 'too_deep'],
    ['32 brackets', brackets(32), brackets(33), 'too_deep'],
  ])('%s are accepted, and not one more', (_, within, beyond, code) => {
    expect(problems(within)).toEqual([]);
    const refused = parseCondition(beyond, environment);
    expect(refused.ok ? 'accepted' : refused.error[0]?.code).toBe(code);
  });

  it.each([
    ['brackets', '('.repeat(2000)],
    ['closed brackets', brackets(2000)],
    ['lists', '['.repeat(2000)],
    ['signs', '-'.repeat(4000)],
    ['conditionals', `${'true ? true : '.repeat(290)}true`],
    ['sums', `1${'+1'.repeat(2000)} > 0`],
    ['selections', `request${'.a'.repeat(2000)}`],
    ['calls', `request${'.f()'.repeat(1000)}`],
    ['strings never closed', '"'.repeat(4095)],
    ['escapes', `"${'\\'.repeat(4000)}`],
    ['maps', '{1:'.repeat(1300)],
  ])('a flood of %s is refused as a value', (_, source) => {
    expect(parseCondition(source, environment).ok).toBe(false);
  });

  it.each([
    ['signs', '!'.repeat(4000)],
    ['dots', '.'.repeat(4000)],
    ['escapes', `"${'\\q'.repeat(1500)}" == "x"`],
    ['unknown names', Array(60).fill('a == b').join(' && ')],
  ])('a flood of %s has at most 16 problems', (_, source) => {
    expect(problems(source)).toHaveLength(16);
  });

  function chain(operands: number): string {
    return Array(operands).fill('true').join(' && ');
  }
  function list(elements: number): string {
    return `now in [${Array(elements).fill(1).join(',')}]`;
  }
  /** `1 + 1 + … == 1`: the sum is one level deeper with each term. */
  function levels(terms: number): string {
    return `1${' + 1'.repeat(terms)} == 1`;
  }
  function brackets(depth: number): string {
    return `${'('.repeat(depth)}true${')'.repeat(depth)}`;
  }
});
