import type { JsonValue } from '../../kernel/json.js';

export type JsonTree = JsonValue;
export type JsonObject = { readonly [name: string]: JsonValue };

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
