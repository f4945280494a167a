import { defineService, PayloadRefused } from 'caio/sdk';
import { completion, completionChunks, reply } from './chat.js';
import { contractPath, run } from './run.js';

await run(
  defineService({
    contract: contractPath('parley'),
    execute({ payload, stream }) {
      const body = (payload ?? {}) as { readonly messages?: unknown };
      const content = reply(body, 'Parley, on your own hardware,');
      if (content === undefined) throw new PayloadRefused('a chat needs messages, the last with text');
      if (stream) return chunks(body, content);
      const { usage, ...result } = completion(body, 'parley', content);
      return {
        result: { ...result, usage },
        usage: { input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens },
      };
    },
  }),
);

async function* chunks(body: { readonly messages?: unknown }, content: string) {
  yield* completionChunks(body, 'parley', content);
}
