import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { completion, completionChunks, reply } from '../../examples/demo/services/chat.js';
import { evaluate } from '../../examples/demo/services/expression.js';
import { readingEase, sentencesOf, topicsOf } from '../../examples/demo/services/text.js';
import { loadContract } from '../../src/sdk/contract-source.js';

const folder = 'examples/demo/services';

describe('the services of the demo', () => {
  it('have valid contracts, one a service, named as their files', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
    console.log(`contracts of the demo: ${files.length}`);
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files) {
      const { contract } = loadContract(`${folder}/${file}`);
      expect(`${contract.id}.yaml`).toBe(file);
      expect(contract.api.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
      expect(readFileSync(`${folder}/${contract.id}.ts`, 'utf8').length).toBeGreaterThan(0);
    }
  });

  it('compute', () => {
    const answers: Record<string, number | undefined> = {
      '1 + 2 * 3': 7,
      '(1 + 2) * 3': 9,
      '2 ^ 3 ^ 2': 512,
      '-2 ^ 2': -4,
      '10 / 4 - 0.5': 2,
      '7 - 2 - 1': 4,
      '1 / 0': undefined,
      '': undefined,
      '1 +': undefined,
      '(1': undefined,
      '1 2': undefined,
      'process.exit()': undefined,
      ['('.repeat(10_000)]: undefined,
      ['-'.repeat(10_000)]: undefined,
    };
    for (const [expression, value] of Object.entries(answers)) {
      expect([expression.slice(0, 20), evaluate(expression)]).toEqual([expression.slice(0, 20), value]);
    }
  });

  it('read text', () => {
    const text = 'Dr. Ruth Vale saw the anchor. The anchor (3.5 t) was lifted! Was it? Yes.';
    expect(sentencesOf(text)).toHaveLength(5);
    expect(topicsOf(text)[0]).toEqual({ word: 'anchor', count: 2 });
    expect(readingEase('The cat sat on the mat.')).toBe(116.1);
    expect(readingEase('')).toBe(0);
  });

  it('talk, whole or word by word, with the same words', () => {
    const body = { messages: [{ role: 'user', content: 'The anchor holds. The anchor is old.' }] };
    const content = reply(body, 'X') ?? '';
    expect(content).toContain('7 words in 2 sentences about anchor');
    expect(completion(body, 'm', content).choices[0]?.message.content).toBe(content);
    const deltas = [...completionChunks(body, 'm', content)].map(({ choices }) => choices[0]?.delta ?? {});
    expect(deltas.map((delta) => ('content' in delta ? delta.content : '')).join('')).toBe(content);
    for (const messages of [undefined, [], [{}], 'x']) expect(reply({ messages }, 'X')).toBeUndefined();
  });
});
