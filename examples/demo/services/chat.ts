import { createHash } from 'node:crypto';
import { readingEase, sentencesOf, tokensOf, topicsOf, wordsOf } from './text.js';

/** A chat completion as OpenAI defines it, answered by what can be measured in the last message. */
export interface ChatBody {
  readonly model?: unknown;
  readonly messages?: unknown;
}

/** The answer to the last message of the user; undefined when the body is no chat. */
export function reply(body: ChatBody, speaker: string): string | undefined {
  const text = lastMessage(body);
  if (text === undefined) return undefined;
  const words = wordsOf(text).length;
  const sentences = sentencesOf(text).length;
  const topics = topicsOf(text)
    .slice(0, 3)
    .map(({ word }) => word)
    .join(', ');
  return (
    `${speaker} read ${words} words in ${sentences} ${sentences === 1 ? 'sentence' : 'sentences'}` +
    `${topics === '' ? '' : ` about ${topics}`}; reading ease ${readingEase(text)}.`
  );
}

export function completion(body: ChatBody, model: string, content: string) {
  const prompt = tokensOf(JSON.stringify(body.messages));
  const written = tokensOf(content);
  return {
    id: completionId(body),
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: prompt, completion_tokens: written, total_tokens: prompt + written },
  };
}

/** The same answer word by word. */
export function* completionChunks(body: ChatBody, model: string, content: string) {
  const head = { id: completionId(body), object: 'chat.completion.chunk', created: 0, model };
  for (const word of content.match(/\S+\s*/g) ?? []) {
    yield { ...head, choices: [{ index: 0, delta: { content: word }, finish_reason: null }] };
  }
  yield { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
}

function lastMessage({ messages }: ChatBody): string | undefined {
  if (!Array.isArray(messages)) return undefined;
  const last = messages.at(-1) as { readonly content?: unknown } | undefined;
  return typeof last?.content === 'string' ? last.content : undefined;
}

function completionId(body: ChatBody): string {
  return `chatcmpl-${createHash('sha256').update(JSON.stringify(body.messages)).digest('hex').slice(0, 24)}`;
}
