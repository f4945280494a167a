export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** One change of one place of a JSON value. */
export interface Mutation {
  /** JSON pointer of the place. */
  readonly path: string;
  readonly change: string;
  readonly value: Json;
}

/** Words of closed vocabularies, each with another one that is as well-formed. */
const alternatives: { readonly [word: string]: string } = {
  ...pairs('on_device local', 'region cloud', 'jwt api_key', 'caller server', 'internal external', 'all any'),
  ...pairs('matching rules', 'security constraints', 'public restricted', 'confidential internal'),
  ...pairs('disabled held_out', 'single fallback_chain', 'phi pii', 'cost privacy', 'string int', 'GET POST'),
  ...pairs(
    'rule_violated rule_error',
    'budget_exceeded cost_unknown',
    'capability_missing capability_parameter',
  ),
  ...pairs('audience_wrong issuer_unknown', 'http openai', 'routed refused', 'alpha beta', 'gamma delta'),
  authentication: 'matching',
  permission_missing: 'trust_insufficient',
};

function pairs(...texts: readonly string[]): { [word: string]: string } {
  return Object.fromEntries(
    texts.flatMap((text) => {
      const [a, b] = text.split(' ') as [string, string];
      return [
        [a, b],
        [b, a],
      ];
    }),
  );
}

/**
 * Every leaf and every container of a value, changed in turn: leaves to neighbours, to other words of their vocabulary and to other kinds;
 * members and elements dropped, repeated, swapped with the next, added; containers emptied. What leaves the value as it was is no change.
 */
export function* mutationsOf(whole: Json): Generator<Mutation> {
  const original = JSON.stringify(whole);
  for (const { path, pointer, value } of placesOf(whole, [])) {
    for (const [change, make] of changesOf(value)) {
      const mutated = path.length === 0 ? make(value) : replaceAt(whole, path, make);
      if (JSON.stringify(mutated) === original) continue;
      yield { path: pointer, change, value: mutated };
    }
    if (path.length > 0) yield { path: pointer, change: 'drop', value: dropAt(whole, path) };
  }
}

type Step = string | number;
type Change = readonly [string, (value: Json) => Json];

function* placesOf(
  value: Json,
  path: readonly Step[],
): Generator<{ readonly path: readonly Step[]; readonly pointer: string; readonly value: Json }> {
  const pointer = path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  yield { path, pointer, value };
  if (typeof value !== 'object' || value === null) return;
  const entries: Iterable<[Step, Json]> = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [step, member] of entries) yield* placesOf(member, [...path, step]);
}

function changesOf(value: Json): readonly Change[] {
  const otherKind: Change = ['null', () => null];
  if (typeof value === 'string') return [otherKind, ['number', () => 1], ...textChanges(value)];
  if (typeof value === 'number')
    return [otherKind, ['as text', () => String(value)], ...numberChanges(value)];
  if (typeof value === 'boolean') return [otherKind, ['flip', () => !value]];
  if (value === null) return [['number', () => 1]];
  return Array.isArray(value)
    ? [otherKind, ['object', () => ({})], ...listChanges(value)]
    : [otherKind, ...objectChanges];
}

function textChanges(value: string): Change[] {
  const last = value.at(-1) ?? '';
  const nextDigit = /^[0-9a-f]{64}$/.test(value) ? (last === '0' ? '1' : '0') : `${last}x`;
  const other = alternatives[value];
  return [
    ['text', () => value.slice(0, -1) + nextDigit],
    ['empty', () => ''],
    ...(other === undefined ? [] : [['other word', () => other] as Change]),
  ];
}

function numberChanges(value: number): Change[] {
  return [
    ['one more', () => value + 1],
    ['one less', () => value - 1],
    ['zero', () => 0],
    ['negative', () => (value === 0 ? -1 : -value)],
  ];
}

function listChanges(list: readonly Json[]): Change[] {
  const swaps = list
    .slice(1)
    .map(
      (_, i): Change => [`swap ${i}`, () => list.with(i, list[i + 1] as Json).with(i + 1, list[i] as Json)],
    );
  const last = list.at(-1);
  const more: Json = last ?? 'x';
  return [['empty', () => []], ['one more element', () => [...list, more]], ...swaps];
}

const objectChanges: readonly Change[] = [
  ['unknown member', (value) => ({ ...(value as object), unknown_member: 1 })],
  ['list', () => []],
  ['empty', () => ({})],
];

function replaceAt(value: Json, [step, ...rest]: readonly Step[], make: (value: Json) => Json): Json {
  const owner = value as { readonly [name: string]: Json };
  const member = owner[step as string] as Json;
  const changed = rest.length === 0 ? make(member) : replaceAt(member, rest, make);
  return Array.isArray(value) ? value.with(step as number, changed) : { ...owner, [step as string]: changed };
}

function dropAt(value: Json, path: readonly Step[]): Json {
  const step = path.at(-1) as Step;
  const drop = (owner: Json): Json => {
    if (Array.isArray(owner)) return owner.toSpliced(step as number, 1);
    const { [step]: _, ...rest } = owner as { readonly [name: string]: Json };
    return rest;
  };
  return path.length === 1 ? drop(value) : replaceAt(value, path.slice(0, -1), drop);
}
