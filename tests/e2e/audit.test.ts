import { createPublicKey, verify } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lmdbStorage } from '../../src/log/drivers/lmdb.js';
import { preAuthentication } from '../../src/proofs/envelope.js';
import { formatSigningKey, verifierKeyOf } from '../../src/proofs/signing-key.js';
import { liveLog, operatorKey } from '../generators/lived-log.js';
import { caio, scratchFolder } from '../support/caio-command.js';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
const file = (name: string): string => scratch.path(name);
const auditor = operatorKey(9);
const truth = ['--assert', 'service.alignment.risk_ppm < 500000'];
let signed: readonly string[];

beforeAll(async () => {
  scratch = await scratchFolder();
  const storage = await lmdbStorage(file('log'));
  const log = await liveLog({ seed: 8, decisions: 200, services: 20, rules: 10, changeEvery: 20, storage });
  await writeFile(file('checkpoint'), log.published.checkpoint);
  await storage.close();
  await writeFile(file('vkey'), `${verifierKeyOf(operatorKey())}\n`);
  await writeFile(file('auditor.key'), formatSigningKey(auditor));
  signed = ['audit', '--log', file('log'), '--checkpoint', file('checkpoint'), '--key', file('vkey')];
}, 120_000);

afterAll(() => scratch.dispose());

describe('caio audit', { timeout: 60_000 }, () => {
  test('says what it checked, and that it holds', async () => {
    const ran = await caio([...signed, ...truth]);
    expect(ran.out).toMatch(
      /✓ true of every attempt \(\d+ attempts, from the first entry to the root of \d+\)/,
    );
    expect(ran.out).toMatch(/the audit holds\n$/);
    expect(ran.code).toBe(0);
  });

  test('gives the same report on one thread and on several, byte for byte', async () => {
    const options = [
      ...signed,
      '--assert',
      'service.alignment.risk_ppm < 200000',
      '--sample',
      '5',
      '--seed',
      's',
      '--json',
    ];
    const [one, three] = [await caio([...options, '--jobs', '1']), await caio([...options, '--jobs', '3'])];
    expect(one.code).toBe(1);
    expect(three.out).toBe(one.out);
    const report = JSON.parse(one.out);
    expect(report.faults.by_code).toEqual({ assertion_false: report.assertions[0].counterexamples });
    expect(report.decisions.sample.size).toBe(5);
  });

  test('finds an entry that was changed in an exported copy, and names it', async () => {
    expect(
      (await caio(['log', 'export', file('copy'), '--log', file('log'), '--sign', file('operator.key')]))
        .code,
    ).toBe(2);
    await writeFile(file('operator.key'), formatSigningKey(operatorKey()));
    const exported = await caio([
      'log',
      'export',
      file('copy'),
      '--log',
      file('log'),
      '--sign',
      file('operator.key'),
    ]);
    expect(exported.code).toBe(0);
    const audit = ['audit', '--tiles', file('copy'), '--key', file('vkey'), '--json'];
    expect((await caio(audit)).code).toBe(0);
    const bundle = file('copy/tile/entries/000');
    const bytes = await readFile(bundle);
    // The time of the first entry: its second digit.
    bytes[bytes.indexOf('"time":1') + 8] = 0x31;
    await writeFile(bundle, bytes);
    const ran = await caio(audit);
    expect(ran.code).toBe(1);
    const { first } = JSON.parse(ran.out).faults;
    expect(first[0]).toMatchObject({ code: 'entry_rewritten', index: 0 });
  });

  test('signs the report with the key of the auditor', async () => {
    const ran = await caio([
      ...signed,
      '--report',
      file('report.json'),
      '--sign-report',
      file('auditor.key'),
      '--json',
    ]);
    const envelope = JSON.parse(await readFile(file('report.json'), 'utf8'));
    const payload = Buffer.from(envelope.payload, 'base64');
    expect(JSON.parse(payload.toString())).toEqual(JSON.parse(ran.out));
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(auditor.publicKey).toString('base64url') },
      format: 'jwk',
    });
    const text = preAuthentication(envelope.payloadType, payload);
    expect(verify(null, text, key, Buffer.from(envelope.signatures[0].sig, 'base64'))).toBe(true);
    expect(envelope.signatures[0].keyid).toBe(auditor.id);
  });

  test('without a checkpoint says that nothing was signed', async () => {
    const ran = await caio(['audit', '--log', file('log')]);
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/the root: no signature over it was checked/);
  });

  test.each<[string, readonly string[], RegExp]>([
    ['an assertion that does not parse', ['--assert', 'service.x =='], /1:13 Unexpected token/],
    ['an assertion of a name that is nothing', ['--assert', 'servce.id == "a"'], /names servce \(column 1\)/],
    [
      'an assertion beyond the fragment',
      ['--assert', '"a".startsWith("b")'],
      /outside of the policy fragment/,
    ],
    ['a level that an audit has not', ['--level', '4'], /--level 4 is not 2 or 3/],
    ['a seed of no sample', ['--seed', 's'], /--seed is of a --sample/],
    ['a sample of everything', ['--sample', '5', '--level', '3'], /there is no --sample/],
    ['bounds that cross', ['--from', '5', '--to', '2'], /--to 2 is before --from 5/],
    ['a number that is none', ['--jobs', '-1'], /--jobs -1/],
    ['a quorum of nobody', ['--quorum', '2'], /--quorum 2 asks for more/],
    ['a key that is no key', ['--key', 'a+00000000+AAAA'], /key_malformed/],
  ])('refuses %s before it reads', async (_, options, expected) => {
    const ran = await caio([...signed, ...options]);
    expect(ran.err).toMatch(expected);
    expect(ran.code).toBe(2);
    expect(ran.out).toBe('');
  });

  test('names a checkpoint that is none', async () => {
    await writeFile(file('none'), 'x\n');
    const ran = await caio(['audit', '--log', file('log'), '--checkpoint', file('none'), '--json']);
    expect(JSON.parse(ran.out).error.code).toBe('verification_failed');
    expect(ran.code).toBe(1);
  });
});
