import type { Usage } from '../../gateway/port.js';

/** Who says it, and when: the same for every chunk of an answer. */
export interface CompletionHead {
  readonly id: string;
  readonly model: string;
  /** Seconds since the epoch. */
  readonly created: number;
}

/** A whole chat completion around a result of a service that does not speak OpenAI's protocol; one that it made itself stays as it is. */
export function chatCompletion(head: CompletionHead, result: unknown, usage: Usage | undefined): unknown {
  if (hasChoices(result)) return result;
  const message = { role: 'assistant', content: textOf(result) };
  return {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    ...(usage === undefined ? {} : { usage: usageOf(usage) }),
  };
}

export function chatChunk(head: CompletionHead, result: unknown): unknown {
  if (hasChoices(result)) return result;
  const delta = { role: 'assistant', content: textOf(result) };
  return { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null }] };
}

export function lastChunk(head: CompletionHead): unknown {
  return {
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
  };
}

function hasChoices(result: unknown): boolean {
  return (
    typeof result === 'object' && result !== null && 'choices' in result && Array.isArray(result.choices)
  );
}

/** A text, or the `content` or `text` of an object; anything else as JSON. */
function textOf(result: unknown): string {
  if (typeof result === 'string') return result;
  const { content, text } = (result ?? {}) as { readonly content?: unknown; readonly text?: unknown };
  if (typeof content === 'string') return content;
  return typeof text === 'string' ? text : JSON.stringify(result);
}

function usageOf({ input_tokens: input = 0, output_tokens: output = 0, cached_tokens: cached = 0 }: Usage) {
  return {
    prompt_tokens: input + cached,
    completion_tokens: output,
    total_tokens: input + cached + output,
    prompt_tokens_details: { cached_tokens: cached },
  };
}
