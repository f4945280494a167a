import { describe, expect, it } from 'vitest';
import { problemCodes } from '../../src/contracts/problem-codes.js';
import { parseText } from './contracts-parsers.js';
import { badDocuments, contractText } from './contracts-table.js';

describe('each bad document is refused for what is wrong with it, where it is wrong', () => {
  it.each(badDocuments.map((bad) => [`${bad.kind} ${bad.notation}: ${bad.title}`, bad] as const))(
    '%s',
    (_, bad) => {
      const parsed = parseText(bad.kind, bad.text, bad.notation);
      if (parsed.ok) throw new Error('it was accepted');
      expect(parsed.error.map(({ code, path, line, column }) => [code, path, line, column])).toEqual(
        bad.expected,
      );
      if (bad.hint !== undefined) expect(parsed.error[0]?.hint).toContain(bad.hint);
    },
  );

  it('and each code of ours is met', () => {
    const met = new Set(badDocuments.flatMap((bad) => bad.expected.map(([code]) => code)));
    expect(Object.keys(problemCodes).filter((code) => !met.has(code) && code !== 'length_wrong')).toEqual([]);
    console.log(`${badDocuments.length} bad documents, ${met.size} codes`);
  });
});

describe('problems', () => {
  it('never repeat a value', () => {
    const texts = [
      contractText({ api: '{protocol: openai, url: "https://x.example", secret: hunter2hunter2}' }),
      contractText({
        api: '{protocol: hunter2hunter2, url: "https://u:hunter2hunter2@x.example", secret: [hunter2hunter2]}',
      }),
      contractText({ id: 'HUNTER2 hunter2hunter2', api: 'hunter2hunter2', zone: '"hunter2hunter2\\u0000"' }),
      'api: {secret: hunter2hunter2: hunter2hunter2}',
      'api: "hunter2hunter2',
      'api: @hunter2hunter2',
      'api: !hunter2hunter2 x',
      'api: "\\qhunter2hunter2"',
    ];
    for (const text of texts) {
      const parsed = parseText('contract', text, 'yaml');
      expect(parsed.ok).toBe(false);
      expect(JSON.stringify(parsed)).not.toContain('hunter2hunter2');
    }
  });

  it('are told all at once, in the order of the text', () => {
    const text = contractText({
      id: 'A',
      origin: 'x',
      privacy: '{}',
      alignment: '{risk: 2}',
      security: '{}',
      api: '{}',
    });
    const parsed = parseText('contract', text, 'yaml');
    if (parsed.ok) throw new Error('it was accepted');
    expect(parsed.error.map(({ path, line }) => [line, path])).toEqual([
      [1, '/id'],
      [3, '/origin'],
      [5, '/privacy/locality'],
      [6, '/alignment/risk'],
      [7, '/security/permissions'],
      [7, '/security/trust_level'],
      [8, '/api/protocol'],
      [8, '/api/url'],
    ]);
  });

  it('are at most a hundred, with paths and messages of bounded length', () => {
    const fields = Array.from({ length: 5_000 }, (_, i) => `"${'x'.repeat(i % 7)}${i}": 1`).join(',\n');
    const long = 'x'.repeat(100_000);
    for (const text of [
      `{"request": {${fields}}}`,
      `{"request": {"${long}": {"${long}": 1}}, "${long}": 1}`,
    ]) {
      const parsed = parseText('request', text, 'json');
      if (parsed.ok) throw new Error('it was accepted');
      expect(parsed.error.length).toBeGreaterThan(0);
      expect(parsed.error.length).toBeLessThanOrEqual(100);
      expect(JSON.stringify(parsed.error).length).toBeLessThan(60_000);
    }
  });
});
