import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readDocument } from '../../../src/contracts/document.js';
import { parseContract } from '../../../src/contracts/parse-contract.js';
import { figureCount, unsourcedFigures } from './sourced-figures.js';

const folder = fileURLToPath(new URL('../../../configs/services/', import.meta.url));

const filesOf = (kind: 'internal' | 'external') =>
  readdirSync(join(folder, kind)).map((name) => ({
    name,
    text: readFileSync(join(folder, kind, name), 'utf8'),
  }));
const internal = filesOf('internal');
const external = filesOf('external');

function parsed(text: string) {
  const document = readDocument(text, 'yaml');
  return document.ok ? parseContract(document.value) : document;
}

function contractOf(text: string) {
  const contract = parsed(text);
  if (!contract.ok) throw new Error(JSON.stringify(contract.error));
  return contract.value;
}

describe('the contract library', () => {
  it('has the five engines and at least ten services of others, each in a file of its id', () => {
    expect(internal.map(({ name }) => name)).toEqual([
      'maia.yaml',
      'nme.yaml',
      'rfs.yaml',
      'said.yaml',
      'vee.yaml',
    ]);
    expect(external.length).toBeGreaterThanOrEqual(10);
    const ids = [...internal, ...external].map(({ name, text }) => [`${contractOf(text).id}.yaml`, name]);
    for (const [fromId, name] of ids) expect(fromId).toBe(name);
    expect(new Set(ids.map(([id]) => id)).size).toBe(ids.length);
  });

  it('is from at least eight providers', () => {
    const hosts = external.map(({ text }) => new URL(contractOf(text).api.url).host);
    expect(new Set(hosts).size).toBeGreaterThanOrEqual(8);
  });

  it.each(external)('$name: every price and limit says where it was read and when', ({ text }) => {
    expect(figureCount(text)).toBeGreaterThanOrEqual(2);
    expect(unsourcedFigures(text)).toEqual([]);
  });

  it.each(external)(
    '$name: an external service of the cloud, its key by reference, explained on top',
    ({ text }) => {
      const contract = contractOf(text);
      expect(text).toMatch(/^# \S/);
      expect(contract.origin).toBe('external');
      expect(contract.privacy.locality).toBe('cloud');
      expect(contract.api.url).toMatch(/^https:/);
      expect(contract.api.secret).toMatch(/^env:[A-Z]+_API_KEY$/);
      expect(contract.guarantees).toEqual({});
    },
  );
});

describe('a figure without a source', () => {
  const [first] = external;
  const text = first?.text ?? '';

  it.each([
    [
      'no source of a price',
      text.replace(/(cost:[\s\S]*?)\n {2}source: \S+/, '$1'),
      '/cost/per_million_input_tokens_usd',
    ],
    [
      'no day of a limit',
      text.replace(/(constraints:[\s\S]*?)\n {2}retrieved: \S+/, '$1'),
      '/constraints/max_total_tokens',
    ],
    [
      'a source that is no page',
      text.replace(/source: \S+/, 'source: hearsay'),
      '/constraints/max_total_tokens',
    ],
    ['a promise', `${text}guarantees:\n  latency_p95_ms: { max: 500 }\n`, '/guarantees/latency_p95_ms/max'],
    [
      'a certificate',
      text.replace('risk: 0.3', 'risk: 0.3\n  certifications: [HIPAA-BAA]'),
      '/alignment/certifications',
    ],
    [
      'encryption',
      text.replace('locality: cloud', 'locality: cloud\n  encryption: { at_rest: true }'),
      '/privacy/encryption/at_rest',
    ],
  ])('is found: %s', (_, planted, pointer) => {
    expect(planted).not.toBe(text);
    expect(unsourcedFigures(planted)).toContain(pointer);
  });

  it('is refused by the parser too, where it is a price, a limit or a promise', () => {
    for (const part of ['cost', 'constraints']) {
      const planted = text.replace(new RegExp(`(${part}:[\\s\\S]*?)\\n {2}retrieved: \\S+`), '$1');
      const result = parsed(planted);
      expect(result.ok ? [] : result.error.map(({ code, path }) => `${code} ${path}`)).toContain(
        `source_missing /${part}/retrieved`,
      );
    }
  });
});
