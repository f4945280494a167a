import { defineService, PayloadRefused } from 'caio/sdk';
import { contractPath, run } from './run.js';
import { sentencesOf, tokensOf, topicsOf, wordsOf } from './text.js';

await run(
  defineService({
    contract: contractPath('scribe'),
    execute({ payload }) {
      const { text, sentences = 2 } = (payload ?? {}) as {
        readonly text?: unknown;
        readonly sentences?: number;
      };
      if (typeof text !== 'string' || text.trim() === '')
        throw new PayloadRefused('there is no text to summarise');
      const summary = summarise(text, sentences).join(' ');
      return {
        result: { summary, method: 'word frequency' },
        usage: { input_tokens: tokensOf(text), output_tokens: tokensOf(summary) },
      };
    },
  }),
);

/** The `most` sentences whose words are the most frequent of the text (mean frequency per word), in the text's order. */
function summarise(text: string, most: number): string[] {
  const frequency = new Map(topicsOf(text).map(({ word, count }) => [word, count]));
  const scored = sentencesOf(text).map((sentence, position) => {
    const words = wordsOf(sentence);
    const weight = words.reduce((sum, word) => sum + (frequency.get(word) ?? 0), 0);
    return { sentence, position, score: weight / Math.max(4, words.length) };
  });
  return scored
    .sort((a, b) => b.score - a.score || a.position - b.position)
    .slice(0, most)
    .sort((a, b) => a.position - b.position)
    .map(({ sentence }) => sentence);
}
