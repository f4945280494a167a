import { describe, expect, it } from 'vitest';
import { verifierKeyOf } from '../../../src/proofs/signing-key.js';
import { rederive, type VerificationReport, verify } from '../../../src/verifier/index.js';
import { decisionCase, generator } from './cases.js';
import { check, firstFalse, keyOf, pack, verifierKey } from './signed.js';

const draw = generator(314);
const cases = Array.from({ length: 120 }, () => decisionCase(draw)).map((made) => ({
  ...made,
  certificate: rederive(made.state, made.given),
}));
const [some] = cases;
if (some === undefined) throw new Error('cases');
const bundleText = (level: 1 | 2 | 3) => JSON.stringify(pack(some.certificate, some.state, level));

function failure(report: VerificationReport) {
  return report.levels.at(-1)?.failure;
}

describe('verify', () => {
  it.each([1, 2, 3] as const)('holds at level %i for honest bundles, routed and refused', async (level) => {
    const outcomes = new Set<string>();
    for (const { certificate, state } of cases) {
      const report = await check(pack(certificate, state, level));
      expect(firstFalse(report)).toBe('holds');
      expect(report.holds).toBe(true);
      expect(report.level).toBe(level);
      expect(report.levels.map((entry) => entry.level)).toEqual([1, 2, 3].slice(0, level));
      expect(report.levels.every(({ established }) => established.length > 0)).toBe(true);
      expect(report.certificate).toEqual(certificate);
      outcomes.add(certificate.outcome.decision);
    }
    expect([...outcomes].sort()).toEqual(['refused', 'routed']);
  });

  it('reads bytes as it reads text', async () => {
    const bytes = new TextEncoder().encode(bundleText(3));
    expect((await verify(bytes, { key: verifierKey })).holds).toBe(true);
  });

  it('stops at the level asked for', async () => {
    const report = await verify(bundleText(3), { key: verifierKey, level: 1 });
    expect(report.levels).toHaveLength(1);
    expect(report.holds).toBe(true);
  });

  it('says that a level is not packed, and keeps what holds', async () => {
    const report = await verify(bundleText(1), { key: verifierKey, level: 2 });
    expect(report.holds).toBe(false);
    expect(report.level).toBe(1);
    expect(failure(report)).toEqual({
      code: 'level_not_packed',
      path: '/level',
      message: 'expected a bundle of level 2 or more, found level 1',
    });
  });

  it('lists what had to be taken on the word of the operator', async () => {
    for (const { certificate, given, state } of cases.slice(0, 20)) {
      const { attested } = await check(pack(certificate, state, 1));
      expect(attested.some((line) => line.startsWith('/inputs/time: '))).toBe(true);
      expect(attested.some((line) => line.startsWith('/inputs/caller: '))).toBe(true);
      expect(attested.some((line) => line.startsWith('/inputs/seed: '))).toBe(given.seedOrigin === 'server');
    }
  });

  it('names another key, and a wrong signature under the right name', async () => {
    const stranger = verifierKeyOf(keyOf('caio.example/tests', 6));
    const report = await verify(bundleText(1), { key: stranger });
    expect(failure(report)).toMatchObject({ code: 'key_mismatch', path: '/envelope/signatures/0/keyid' });
    expect(report.certificate).toBeUndefined();
    const flipped = bundleText(1).replace(/"sig":"(.)/, (_, first) => `"sig":"${first === 'A' ? 'B' : 'A'}`);
    expect(failure(await verify(flipped, { key: verifierKey }))?.code).toBe('signature_wrong');
  });

  it.each<[string, string]>([
    ['empty', ''],
    ['without a hash', 'name'],
    ['of another algorithm', 'n+00000000+AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['with a wrong hash', verifierKey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['with another name', `x${verifierKey}`],
    ['with unclean base64', `${verifierKey.slice(0, -1)}=`],
  ])('refuses a key %s', async (_, key) => {
    expect(failure(await verify(bundleText(1), { key }))?.code).toBe('key_malformed');
  });

  it.each<[string, (text: string) => string | Uint8Array]>([
    ['nothing', () => ''],
    ['text after the bundle', (text) => `${text} x`],
    ['a key twice', (text) => text.replace('"level":1', '"level":1,"level":1')],
    ['a number that is no integer', (text) => text.replace('"level":1', '"level":1.0')],
    ['an unknown field', (text) => text.replace('"level":1', '"level":1,"note":""')],
    ['another type', (text) => text.replace('caio/bundle/v1', 'caio/bundle/v2')],
    ['another payload type', (text) => text.replace('vnd.caio', 'vnd.other')],
    ['two signatures', (text) => text.replace(/\[(\{"keyid.*?\})\]/, '[$1,$1]')],
    ['no signature', (text) => text.replace(/\[\{"keyid.*?\}\]/, '[]')],
    ['base64 without padding', (text) => text.replace(/"sig":"([^"=]*)=*"/, '"sig":"$1"')],
    ['base64 with stray bits', (text) => text.replace(/Q==(?=")|A==(?=")|g==(?=")|w==(?=")/, 'B==')],
    ['bytes that are not UTF-8', () => Uint8Array.of(0x22, 0xff, 0x22)],
    ['a byte order mark', (text) => `\uFEFF${text}`],
    ['many levels', () => '['.repeat(1_000_000)],
    ['a prototype', (text) => text.replace('"level":1', '"level":1,"__proto__":{"level":1}')],
  ])('refuses %s as malformed', async (_, change) => {
    const report = await verify(change(bundleText(1)), { key: verifierKey });
    expect(failure(report)?.code).toBe('malformed');
    expect(report.level).toBe(0);
  });

  it('gives one place and one sentence for what is wrong', async () => {
    const bundle = pack(some.certificate, some.state, 3);
    const parameters = { ...some.state.parameters, tokens: { input: -1, output: 500 } };
    expect(failure(await check({ ...bundle, parameters }))).toEqual({
      code: 'malformed',
      path: '/parameters/tokens/input',
      message: 'expected an integer in 0 … 4294967296, found -1',
    });
  });
});
