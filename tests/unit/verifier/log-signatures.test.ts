import { beforeAll, describe, expect, it } from 'vitest';
import type { Parameters } from '../../../src/contracts/parameters.js';
import { formatNote } from '../../../src/log/tlog/note.js';
import { type SigningKey, signingKeyOf, verifierKeyOf } from '../../../src/proofs/signing-key.js';
import type { ContractPut, KeyPut, OutcomeEntry } from '../../../src/verifier/log-entry.js';
import { beginLog, takeEntry } from '../../../src/verifier/log-fold.js';
import type { LogMemory } from '../../../src/verifier/log-memory.js';
import { changeText, signatureFaults } from '../../../src/verifier/log-signatures.js';
import { keyRecord } from '../../generators/lived-log.js';
import { contract, genesis } from '../log/entries.js';

function named(name: string, seed: number): SigningKey {
  const key = signingKeyOf(name, new Uint8Array(32).fill(seed));
  if (!key.ok) throw new Error(key.error.message);
  return key.value;
}

const alice = named('alice', 1);
const bob = named('bob', 2);
const setup = { method: 'local', key_id: 'setup' } as const;

function memoryWith(approval: Parameters['approval']): LogMemory {
  const memory = beginLog({
    ...genesis,
    parameters: { ...genesis.parameters, ...(approval && { approval }) },
  });
  if ('code' in memory) throw new Error(memory.code);
  const put = { type: 'caio/entry/v1', kind: 'key.put', time: 2, author: setup } as const;
  const keys: readonly KeyPut[] = [
    { ...put, key: keyRecord('alice', { verifier_key: verifierKeyOf(alice) }) },
    { ...put, key: keyRecord('alice-2', { verifier_key: verifierKeyOf(alice) }) },
    { ...put, key: keyRecord('bob', { verifier_key: verifierKeyOf(bob) }) },
    { ...put, key: keyRecord('late', { verifier_key: verifierKeyOf(bob), not_before: 1_000 }) },
  ];
  for (const entry of keys) expect(takeEntry(memory, entry)).toEqual([]);
  return memory;
}

const bare: ContractPut = {
  type: 'caio/entry/v1',
  kind: 'contract.put',
  time: 10,
  author: { method: 'api_key', key_id: 'alice' },
  contract: contract('a'),
};

interface Noted {
  readonly expiry?: string;
  readonly about?: ContractPut;
  readonly origin?: string;
}

function noted(
  signers: readonly SigningKey[],
  { expiry = '11', about = bare, origin = genesis.origin }: Noted = {},
): ContractPut {
  const text = changeText(about, origin, expiry);
  const signatures = signers.map((key) => ({
    name: key.name,
    hash: key.hash,
    bytes: key.sign(Buffer.from(text)),
  }));
  return { ...bare, change: formatNote({ text, signatures }) };
}

const codes = async (memory: LogMemory, entry: ContractPut): Promise<string[]> =>
  (await signatureFaults(memory, entry)).map(({ code }) => code);

describe('a change of state', () => {
  let needsBoth: LogMemory;
  let needsNone: LogMemory;
  beforeAll(() => {
    needsBoth = memoryWith({ contract: 'author_and_approver' });
    needsNone = memoryWith(undefined);
  });

  it('signed by author and approver stands', async () => {
    expect(await codes(needsBoth, noted([alice, bob]))).toEqual([]);
  });

  it('is exempt when the setup makes it, and needs nothing where no approval is asked for', async () => {
    expect(await codes(needsBoth, { ...bare, author: setup })).toEqual([]);
    expect(await codes(needsNone, bare)).toEqual([]);
  });

  it.each<[string, string, ContractPut]>([
    ['without a note', 'change_missing', bare],
    ['signed by its author alone', 'change_unsigned', noted([alice])],
    ['signed by somebody else alone', 'change_unsigned', noted([bob])],
    ['whose time is the expiry', 'change_expired', noted([alice, bob], { expiry: '10' })],
    [
      'about another contract',
      'change_wrong',
      noted([alice, bob], { about: { ...bare, contract: contract('b') } }),
    ],
    ['of another log', 'change_wrong', noted([alice, bob], { origin: 'other.log' })],
    ['whose note is no note', 'change_wrong', { ...bare, change: 'signed: alice' }],
    ['whose expiry is no number', 'change_wrong', noted([alice, bob], { expiry: 'never' })],
  ])('%s cannot stand (%s)', async (_, code, entry) => {
    expect(await codes(needsBoth, entry)).toEqual([code]);
  });

  it('is not approved by the second key record of one public key', async () => {
    // alice-2 has the public key of alice: one signature line is of both.
    expect(await codes(needsBoth, noted([alice]))).toEqual(['change_unsigned']);
  });

  it('is not signed by a key that is revoked', async () => {
    const memory = memoryWith({ contract: 'author' });
    expect(await codes(memory, noted([alice]))).toEqual([]);
    const revoke = {
      type: 'caio/entry/v1',
      kind: 'key.revoke',
      time: 3,
      author: setup,
      key: 'alice',
    } as const;
    expect(takeEntry(memory, revoke)).toEqual([]);
    expect(await codes(memory, noted([alice]))).toEqual(['change_unsigned']);
  });

  it('is not signed by a key before its time', async () => {
    const memory = memoryWith({ contract: 'author' });
    const entry = { ...noted([bob]), author: { method: 'api_key', key_id: 'late' } as const };
    expect(await codes(memory, entry)).toEqual(['change_unsigned']);
  });

  it('has a note that holds even where none is asked for', async () => {
    expect(await codes(needsNone, noted([bob]))).toEqual(['change_unsigned']);
    expect(await codes(needsNone, noted([alice]))).toEqual([]);
  });
});

describe('the signature of a result', () => {
  const id = 'd'.repeat(64);
  const commitment = 'c'.repeat(64);
  const called = { ...contract('a'), api: { ...contract('a').api, result_key: verifierKeyOf(bob) } };

  function outcome(signature: Uint8Array, key = called): readonly [LogMemory, OutcomeEntry] {
    const memory = memoryWith(undefined);
    const reference = { service: 'a', version: '1.0.0', contract: '0'.repeat(64) };
    const chain = [{ reference, contract: key }];
    memory.decisions.set(id, {
      index: 5,
      spanEnd: 9,
      chain,
      promisedCost: undefined,
      attempted: 1,
      ended: 0,
    });
    const result = { commitment, signature: Buffer.from(signature).toString('base64') };
    const measured = { result: 'answered', latency_micros: 1 } as const;
    return [
      memory,
      {
        type: 'caio/entry/v1',
        kind: 'outcome',
        time: 9,
        decision: id,
        rank: 0,
        service: reference,
        measured,
        verdicts: [],
        result,
      },
    ];
  }
  const text = Buffer.from(`caio/result/v1\n${id}\n${commitment}\n`);

  it('is that of the key that the contract names', async () => {
    expect(await signatureFaults(...outcome(bob.sign(text)))).toEqual([]);
  });

  it.each<[string, readonly [LogMemory, OutcomeEntry]]>([
    ['of another key', outcome(alice.sign(text))],
    ['over another text', outcome(bob.sign(Buffer.from('caio/result/v1\n')))],
    ['where the contract names no key', outcome(bob.sign(text), contract('a') as typeof called)],
  ])('is a fault when it is %s', async (_, [memory, entry]) => {
    expect((await signatureFaults(memory, entry)).map(({ code }) => code)).toEqual([
      'result_signature_wrong',
    ]);
  });
});
