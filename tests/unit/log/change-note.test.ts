import { describe, expect, it } from 'vitest';
import type { Parameters } from '../../../src/contracts/parameters.js';
import { type ChangeCode, checkChange } from '../../../src/log/change-note.js';
import {
  type ChangeEntry,
  type ChangeKind,
  changeKinds,
  formatChange,
  parseChange,
  statementOf,
} from '../../../src/log/change-statement.js';
import { entryType } from '../../../src/log/entry.js';
import { type Folded, fold } from '../../../src/log/fold.js';
import type { KeyRecord } from '../../../src/log/key-record.js';
import { type SigningKey, verifierKeyOf } from '../../../src/proofs/signing-key.js';
import { alsoSigned, personOf, signChange, signText } from '../../support/sign-change.js';
import { contract, genesis, policy, author as setup } from './entries.js';

const time = 1_000;
const expires = 2_000;
const origin = genesis.origin;
const alice = personOf('alice', 1);
const bob = personOf('bob', 2);
const nobody = personOf('nobody', 3);

function record(id: string, key?: SigningKey, more: Partial<KeyRecord> = {}): KeyRecord {
  const base = { tenant: 'acme', permissions: [], trust_level: 0, scopes: ['admin'] };
  return {
    id,
    digest: '0'.repeat(64),
    ...base,
    not_before: 0,
    expires: 10_000,
    ...(key === undefined ? {} : { verifier_key: verifierKeyOf(key) }),
    ...more,
  };
}

type Approval = NonNullable<Parameters['approval']>;

/** A log with the keys of alice and bob, one without a verifier key, one that is over, one that is to come, one that was revoked. */
function world(approval: Approval): Folded {
  const put = { type: entryType, time: 2, author: setup } as const;
  const keys = [
    record('alice', alice),
    record('bob', bob),
    record('bare'),
    record('over', personOf('over', 4), { expires: time }),
    record('early', personOf('early', 5), { not_before: time + 1 }),
    record('gone', personOf('gone', 6)),
    record('alias', alice),
    record('renamed', personOf('alice.other', 1)),
  ];
  return [
    { ...genesis, parameters: { ...genesis.parameters, approval } },
    ...keys.map((key) => ({ ...put, kind: 'key.put', key }) as const),
    { ...put, kind: 'key.revoke', key: 'gone' } as const,
    { ...put, kind: 'contract.put', contract: contract('s') } as const,
  ].reduce<Folded | undefined>((folded, entry) => fold(folded, entry), undefined) as Folded;
}

const author = { method: 'api_key', key_id: 'alice' } as const;
const common = { type: entryType, time, author } as const;
const entries: { readonly [Kind in ChangeKind]: ChangeEntry } = {
  'contract.put': { ...common, kind: 'contract.put', contract: contract('s', '2.0.0') },
  'contract.remove': { ...common, kind: 'contract.remove', service: 's' },
  'policy.put': { ...common, kind: 'policy.put', policy: policy('p') },
  'policy.remove': { ...common, kind: 'policy.remove', policy: 'p' },
  'parameters.put': { ...common, kind: 'parameters.put', parameters: genesis.parameters },
  'key.put': { ...common, kind: 'key.put', key: record('new') },
  'key.revoke': { ...common, kind: 'key.revoke', key: 'bob' },
  'availability.put': {
    ...common,
    kind: 'availability.put',
    service: 's',
    state: 'disabled',
    reason: 'why',
  },
};
const every = (required: 'author' | 'author_and_approver'): Approval => ({
  availability: required,
  contract: required,
  key: required,
  parameters: required,
  policy: required,
});
const byAuthor = world(every('author'));
const byTwo = world(every('author_and_approver'));
const entry = entries['contract.put'];

function codeOf(checked: ChangeEntry, before: Folded): ChangeCode | 'stands' {
  const result = checkChange(checked, before);
  return result.ok ? 'stands' : result.error.code;
}
const signedBy = (keys: readonly SigningKey[], of: ChangeEntry = entry) =>
  signChange(of, { origin, expires }, keys);

describe('the six lines of a change', () => {
  it.each(changeKinds)('%s: come back as they were written', (kind) => {
    const statement = statementOf(entries[kind], origin, expires);
    expect(parseChange(formatChange(statement))).toEqual(statement);
    expect(formatChange(statement).split('\n')).toHaveLength(7);
  });

  const good = formatChange(statementOf(entry, origin, expires));
  it.each([
    ['another version', good.replace('v1', 'v2')],
    ['a line less', good.replace(`${origin}\n`, '')],
    ['a line more', `${good}more\n`],
    ['no line end at the end', good.slice(0, -1)],
    ['an unknown kind', good.replace('contract.put', 'contract.edit')],
    ['a digest that is none', good.replace(/[0-9a-f]{64}/, 'f'.repeat(63))],
    ['content where there is none', good.replace('contract.put', 'contract.remove')],
    ['an expiry with a sign', good.replace('2000', '+2000')],
    ['an expiry with a zero in front', good.replace('2000', '02000')],
    ['an expiry beyond what is exact', good.replace('2000', '9999999999999999')],
    ['no id', good.replace('\ns\n', '\n\n')],
  ])('%s is none', (_, text) => {
    expect(text).not.toBe(good);
    expect(parseChange(text)).toBeUndefined();
  });
});

describe('a change', () => {
  it.each(changeKinds)('%s: stands with the signatures that the parameters ask for', (kind) => {
    const asked = entries[kind];
    expect(codeOf(asked, byAuthor)).toBe('change_missing');
    expect(codeOf({ ...asked, change: signedBy([alice], asked) }, byAuthor)).toBe('stands');
    expect(codeOf({ ...asked, change: signedBy([alice], asked) }, byTwo)).toBe('approval_missing');
    const twice = alsoSigned(signedBy([alice], asked), bob);
    expect(codeOf({ ...asked, change: twice }, byTwo)).toBe('stands');
  });

  it.each(
    changeKinds.flatMap((kind) =>
      changeKinds.filter((other) => other !== kind).map((other) => [kind, other] as const),
    ),
  )('%s does not stand on a note of a %s', (kind, other) => {
    const change = signedBy([alice, bob], entries[other]);
    expect(codeOf({ ...entries[kind], change }, byTwo)).toBe('change_differs');
  });

  it('needs no note where the parameters ask for none, and one that is given must hold', () => {
    const free = world({});
    expect(codeOf(entry, free)).toBe('stands');
    expect(codeOf({ ...entry, change: signedBy([alice]) }, free)).toBe('stands');
    expect(codeOf({ ...entry, change: signedBy([bob]) }, free)).toBe('author_signature_missing');
  });

  it('is asked for by kind: one kind says nothing about another', () => {
    const some = world({ policy: 'author' });
    expect(codeOf(entries['policy.remove'], some)).toBe('change_missing');
    expect(codeOf(entries['contract.put'], some)).toBe('stands');
  });

  it.each(['setup', 'breaker'])('of %s is nobody to sign', (id) => {
    const local = { ...entry, author: { method: 'local', key_id: id } } as const;
    expect(codeOf(local, byTwo)).toBe('stands');
    expect(codeOf({ ...local, author: { method: 'api_key', key_id: id } }, byTwo)).toBe('change_missing');
    expect(codeOf({ ...local, author: { method: 'local', key_id: 'other' } }, byTwo)).toBe('change_missing');
  });

  const lines = formatChange(statementOf(entry, origin, expires))
    .split('\n')
    .slice(0, 6);
  it.each([
    ['version', 0, 'caio/change/v2', 'change_malformed'],
    ['origin', 1, 'other.example', 'change_differs'],
    ['kind', 2, 'policy.put', 'change_differs'],
    ['id', 3, 'other', 'change_differs'],
    ['content', 4, 'e'.repeat(64), 'change_differs'],
    ['expiry', 5, String(time), 'change_expired'],
  ] as const)('with another %s does not stand, whoever signed it', (_, at, line, code) => {
    const text = lines
      .with(at, line)
      .map((each) => `${each}\n`)
      .join('');
    expect(codeOf({ ...entry, change: signText(text, [alice, bob]) }, byTwo)).toBe(code);
  });

  it('stands until the microsecond before its expiry', () => {
    const change = signedBy([alice, bob]);
    expect(codeOf({ ...entry, time: expires - 1, change }, byTwo)).toBe('stands');
    expect(codeOf({ ...entry, time: expires, change }, byTwo)).toBe('change_expired');
  });

  it.each([
    ['an unknown key', { method: 'api_key', key_id: 'who' }, alice, 'author_without_key'],
    ['a key without a verifier key', { method: 'api_key', key_id: 'bare' }, alice, 'author_without_key'],
    ['a token with the id of a key', { method: 'jwt', key_id: 'alice' }, alice, 'author_without_key'],
    ['a key that is over', { method: 'api_key', key_id: 'over' }, personOf('over', 4), 'author_key_invalid'],
    ['a key to come', { method: 'api_key', key_id: 'early' }, personOf('early', 5), 'author_key_invalid'],
    ['a revoked key', { method: 'api_key', key_id: 'gone' }, personOf('gone', 6), 'author_key_invalid'],
    ['somebody who did not sign', { method: 'api_key', key_id: 'bob' }, alice, 'author_signature_missing'],
  ] as const)('of %s does not stand', (_, by, signer, code) => {
    const change = signedBy([signer]);
    expect(codeOf({ ...entry, author: by, change }, byAuthor)).toBe(code);
  });

  it.each([
    ['the author alone', []],
    ['the author twice', [alice]],
    ['the same key under another name', [personOf('alice.other', 1)]],
    ['a key nobody knows', [nobody]],
    ['a key that is over', [personOf('over', 4)]],
    ['a key to come', [personOf('early', 5)]],
    ['a revoked key', [personOf('gone', 6)]],
  ])('is not approved by %s', (_, others) => {
    expect(codeOf({ ...entry, change: signedBy([alice, ...others]) }, byTwo)).toBe('approval_missing');
  });

  it('is not its approver without its author', () => {
    expect(codeOf({ ...entry, change: signedBy([bob]) }, byTwo)).toBe('author_signature_missing');
  });

  it('does not stand with a signature that claims to be of a known key and is not', () => {
    const forged = signText('something else\n', [bob]).split('\n\n')[1] as string;
    const change = signedBy([alice]) + forged;
    expect(codeOf({ ...entry, change }, byTwo)).toBe('signature_wrong');
    expect(codeOf({ ...entry, change }, byAuthor)).toBe('signature_wrong');
    const ofGone = signText('something else\n', [personOf('gone', 6)]).split('\n\n')[1] as string;
    expect(codeOf({ ...entry, change: signedBy([alice]) + ofGone }, byAuthor)).toBe('signature_wrong');
    const ofNobody = signText('something else\n', [nobody]).split('\n\n')[1] as string;
    expect(codeOf({ ...entry, change: signedBy([alice]) + ofNobody }, byAuthor)).toBe('stands');
  });

  it.each([
    ['empty', ''],
    ['no note', 'caio/change/v1\n'],
    ['a note of something else', signText('hello\n', [alice])],
    ['larger than a note may be', signedBy(Array.from({ length: 60 }, () => alice))],
  ])('that is %s does not stand', (_, change) => {
    expect(codeOf({ ...entry, change }, byAuthor)).toBe('change_malformed');
  });
});
