import { jsonMembers, jsonValue } from './json-members.js';
import type { Usage } from './port.js';

/** Reads a usage object, of the CAIO service protocol or as OpenAI names its members; undefined when it states no count. */
export function readUsage(value: unknown): Usage | undefined {
  const given = jsonMembers(value);
  if (given === undefined) return undefined;
  const cached =
    count(given.cached_tokens) ?? count(jsonMembers(given.prompt_tokens_details)?.cached_tokens) ?? undefined;
  const prompt = count(given.prompt_tokens);
  // OpenAI counts cached tokens into the prompt; CAIO's input tokens do not hold them.
  const input = count(given.input_tokens) ?? (prompt === undefined ? undefined : prompt - (cached ?? 0));
  const output = count(given.output_tokens) ?? count(given.completion_tokens);
  if (input === undefined && output === undefined && cached === undefined) return undefined;
  return {
    ...(input === undefined ? {} : { input_tokens: Math.max(0, input) }),
    ...(output === undefined ? {} : { output_tokens: output }),
    ...(cached === undefined ? {} : { cached_tokens: cached }),
  };
}

/** The last usage that a tail of server-sent events states in a `data:` line. Linear in the tail. */
export function usageInEvents(tail: string): Usage | undefined {
  const lines = tail.split(/\r\n|\n|\r/);
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const line = lines[at] ?? '';
    if (!line.startsWith('data:') || !line.includes('"usage"')) continue;
    const usage = readUsage(jsonMembers(jsonValue(line.slice(5))?.value)?.usage);
    if (usage !== undefined) return usage;
  }
  return undefined;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
