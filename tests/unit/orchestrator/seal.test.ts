import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ContextField, Policy } from '../../../src/contracts/policy.js';
import type { ContextValue, RequestDocument } from '../../../src/contracts/request.js';
import { canonicalText } from '../../../src/kernel/canonical.js';
import { namesToSeal, sealRequest } from '../../../src/orchestrator/seal.js';
import { plainCaller, plainRequest, policy, snapshotOf, state } from './world.js';

const declared: Policy = {
  ...policy('p', []),
  context: {
    region: { type: 'string', sealed: false },
    patients: { type: 'int', sealed: false },
    urgent: { type: 'bool', sealed: false },
    teams: { type: 'string_list', sealed: false },
    name: { type: 'string', sealed: true },
  },
};
const snapshot = snapshotOf(state([], { policies: [declared] }));
const caller = { caller: plainCaller, subject: 'alice' };

function document(
  context: { readonly [field: string]: ContextValue },
  more: Partial<RequestDocument> = {},
): RequestDocument {
  return { request: { ...plainRequest, context }, ...more };
}
const salts = (...names: string[]) =>
  Object.fromEntries(names.map((name, i) => [name, new Uint8Array(32).fill(i + 1)]));

test('declared clear fields stay; sealed, undeclared, subjects and payload become commitments', () => {
  const given = document(
    { region: 'eu', patients: 3, urgent: true, teams: ['a'], name: 'Bob', extra: 1.5 },
    { subject: 'carol', payload: { b: 1, a: [null] } },
  );
  const names = namesToSeal(given, caller, snapshot);
  expect(names).toEqual(['caller.subject', 'context.extra', 'context.name', 'payload', 'request.subject']);
  const sealed = sealRequest(given, caller, snapshot, salts(...names));
  if (!sealed.ok) throw new Error(JSON.stringify(sealed.error));
  const { request, commitments } = sealed.value;
  expect(request.context).toEqual({ region: 'eu', patients: 3, urgent: true, teams: ['a'] });
  expect(sealed.value.caller).toBe(plainCaller);
  const values = ['alice', 1.5, 'Bob', { b: 1, a: [null] }, 'carol'];
  names.forEach((name, i) => {
    const salt = Buffer.alloc(32, i + 1);
    expect(commitments[name]).toBe(createHmac('sha256', salt).update(canonicalText(values[i])).digest('hex'));
  });
  expect(Object.keys(commitments).sort()).toEqual(names);
  const shown = JSON.stringify(sealed.value);
  for (const secret of ['alice', 'Bob', 'carol', '1.5']) expect(shown).not.toContain(secret);
});

test('without salts no commitment is made', () => {
  const sealed = sealRequest(document({ name: 'Bob' }, { payload: 1 }), caller, snapshot, undefined);
  expect(sealed).toMatchObject({ ok: true, value: { commitments: {} } });
});

test('a payload of null is a payload; an absent one is none', () => {
  const plain = { caller: plainCaller };
  expect(namesToSeal(document({}, { payload: null }), plain, snapshot)).toEqual(['payload']);
  expect(namesToSeal(document({}), plain, snapshot)).toEqual([]);
});

test.each([
  ['region', 1, 'a string'],
  ['region', ['a'], 'a string'],
  ['patients', '3', 'an integer'],
  ['patients', 2 ** 53, 'an integer'],
  ['patients', 0.5, 'an integer'],
  ['urgent', 'yes', 'true or false'],
  ['teams', 'a', 'a list of strings'],
  ['teams', [1] as unknown as string[], 'a list of strings'],
] satisfies [string, ContextValue, string][])(
  '%s given as %j is invalid, with path and what is expected',
  (name, value, hint) => {
    const sealed = sealRequest(document({ [name]: value }), caller, snapshot, undefined);
    expect(sealed).toMatchObject({
      ok: false,
      error: [{ code: 'wrong_type', path: `/request/context/${name}` }],
    });
    expect(!sealed.ok && sealed.error[0]?.hint).toContain(hint);
  },
);

test('a sealed field is of any type, for it is never read', () => {
  expect(sealRequest(document({ name: 7 }), caller, snapshot, undefined).ok).toBe(true);
});

test('a salt that is missing or of another size is a problem', () => {
  const given = document({}, { payload: 1 });
  const short = { payload: new Uint8Array(31), 'caller.subject': new Uint8Array(32) };
  expect(sealRequest(given, caller, snapshot, short)).toMatchObject({
    ok: false,
    error: [{ code: 'salt_invalid', path: '/salts/payload' }],
  });
  expect(sealRequest(given, caller, snapshot, {})).toMatchObject({
    ok: false,
    error: [{ path: '/salts/payload' }, { path: '/salts/caller.subject' }],
  });
});

test('a clear request of more than 4,096 bytes is too large, one of exactly that is not; what is sealed does not count', () => {
  const bare = Buffer.byteLength(canonicalText({ ...plainRequest, context: { region: '' } }));
  const filled = (bytes: number) => document({ region: 'x'.repeat(bytes - bare) });
  expect(sealRequest(filled(4_096), caller, snapshot, undefined).ok).toBe(true);
  expect(sealRequest(filled(4_097), caller, snapshot, undefined)).toMatchObject({
    ok: false,
    error: [{ code: 'document_too_large', path: '/request' }],
  });
  expect(sealRequest(document({ name: 'x'.repeat(9_999) }), caller, snapshot, undefined).ok).toBe(true);
});

test('a caller of more than 2,048 bytes is too large', () => {
  const large = { caller: { ...plainCaller, permissions: ['x'.repeat(2_048)] } };
  expect(sealRequest(document({}), large, snapshot, undefined)).toMatchObject({
    ok: false,
    error: [{ path: '/caller' }],
  });
});

test('fields that two policies declare alike are declared once; unlike, the policies do not load', () => {
  const field: ContextField = { type: 'string', sealed: false };
  const both = (other: ContextField) =>
    state([], {
      policies: [
        { ...policy('p', []), context: { f: field } },
        { ...policy('q', []), context: { f: other } },
      ],
    });
  const sealed = sealRequest(document({ f: 'x' }), caller, snapshotOf(both(field)), undefined);
  expect(sealed.ok && sealed.value.request.context).toEqual({ f: 'x' });
  expect(() => snapshotOf(both({ type: 'string', sealed: true }))).toThrow('declares f');
});
