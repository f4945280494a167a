import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A document: a file's path or URL, its text (YAML or JSON; it holds a line end or a brace), or its wire form. */
export type DocumentSource = string | URL | object;

/** The text of a document, unread. Throws what the file system throws. */
export function documentText(source: DocumentSource): string {
  if (source instanceof URL) return readFileSync(fileURLToPath(source), 'utf8');
  if (typeof source !== 'string') return JSON.stringify(source);
  return /[\n{]/.test(source) ? source : readFileSync(source, 'utf8');
}

export function documentFormat(text: string): 'json' | 'yaml' {
  return /^\s*\{/.test(text) ? 'json' : 'yaml';
}
