/** The members of a JSON object, or undefined for anything else (arrays too). */
export function jsonMembers(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** Levels of nesting: far more than answers have, far fewer than would exhaust the stack of whoever writes the value again. */
const mostLevels = 256;

/** The value that a text denotes as JSON (RFC 8259), or undefined when it is none or is nested deeper than 256 levels. Linear in the text. */
export function jsonValue(text: string): { readonly value: unknown } | undefined {
  if (isDeep(text)) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** Whether brackets outside strings are ever open more than `mostLevels` at once. */
function isDeep(text: string): boolean {
  let levels = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) quoted = !quoted;
    else if (quoted) at += unit === 0x5c ? 1 : 0;
    else if (unit === 0x5b || unit === 0x7b) {
      levels += 1;
      if (levels > mostLevels) return true;
    } else if (unit === 0x5d || unit === 0x7d) levels -= 1;
  }
  return false;
}
