import { defineService, PayloadRefused } from 'caio/sdk';
import { contractPath, run } from './run.js';
import { sentencesOf, tokensOf } from './text.js';

await run(
  defineService({
    contract: contractPath('gist'),
    execute({ payload }) {
      const { text, sentences = 2 } = (payload ?? {}) as {
        readonly text?: unknown;
        readonly sentences?: number;
      };
      if (typeof text !== 'string' || text.trim() === '')
        throw new PayloadRefused('there is no text to summarise');
      const leads = text.split(/\n\s*\n/).flatMap((paragraph) => sentencesOf(paragraph).slice(0, 1));
      const summary = (leads.length < sentences ? sentencesOf(text) : leads).slice(0, sentences).join(' ');
      return {
        result: { summary, method: 'leading sentences' },
        usage: { input_tokens: tokensOf(text), output_tokens: tokensOf(summary) },
      };
    },
  }),
);
