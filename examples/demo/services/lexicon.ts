import { defineService, PayloadRefused } from 'caio/sdk';
import { contractPath, run } from './run.js';
import { tokensOf, topicsOf } from './text.js';

const patterns = {
  amount: /(?:[$€£]\s?\d[\d,]*(?:\.\d+)?|\b\d[\d,]*(?:\.\d+)?\s?(?:%|mg|kg|ml|km|USD|EUR)\b)/g,
  date: /\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}\s(?:January|February|March|April|May|June|July|August|September|October|November|December)\s\d{4}\b/g,
  email: /\b[\w.+-]+@[\w-]+\.[\w.-]*\w/g,
  name: /\b[A-Z][a-z]+(?:\s[A-Z][a-z]+)+\b/g,
};

await run(
  defineService({
    contract: contractPath('lexicon'),
    execute({ payload }) {
      const { text } = (payload ?? {}) as { readonly text?: unknown };
      if (typeof text !== 'string') throw new PayloadRefused('there is no text to read');
      const entities = Object.entries(patterns).flatMap(([kind, pattern]) =>
        [...text.matchAll(pattern)].map((match) => ({ kind, text: match[0], at: match.index })),
      );
      const keywords = topicsOf(text).slice(0, 8);
      return {
        result: { keywords, entities: entities.sort((a, b) => a.at - b.at) },
        usage: { input_tokens: tokensOf(text), output_tokens: 0 },
      };
    },
  }),
);
