import type { IncomingHttpHeaders } from 'node:http';
import { readDocument } from '../../contracts/document.js';
import { readJson, type SourceDocument } from '../../kernel/json.js';
import { err, ok, type Result } from '../../kernel/result.js';
import { decodeUtf8 } from '../../kernel/utf8.js';
import type { Limits } from '../limits.js';
import { type Failure, failure, invalid } from './failure.js';

const yamlTypes = new Set([
  'application/yaml',
  'application/x-yaml',
  'text/yaml',
  'text/x-yaml',
  'text/vnd.yaml',
]);

/** `json` or `yaml` by the media type; `undefined` for every other. Compressed bodies are not read: their size is unknown. */
export function bodyFormat(headers: IncomingHttpHeaders): 'json' | 'yaml' | undefined {
  const encoding = headers['content-encoding']?.toLowerCase();
  if (encoding !== undefined && encoding !== 'identity') return undefined;
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || /^application\/[a-z0-9.-]{1,64}\+json$/.test(type)) return 'json';
  return yamlTypes.has(type) ? 'yaml' : undefined;
}

/** Strict UTF-8, then a strict reader: JSON within the limits of payloads where one is expected, else those of documents. */
export function readBody(
  bytes: Uint8Array | undefined,
  format: 'json' | 'yaml' | undefined,
  kind: 'document' | 'payload',
  limits: Limits,
): Result<SourceDocument, Failure> {
  if (bytes === undefined || bytes.length === 0) {
    return err(failure('invalid_request', 'A body is expected and there is none.'));
  }
  if (format === undefined) {
    return err(failure('unsupported_media_type', 'Send application/json or application/yaml.'));
  }
  const code = format === 'json' ? 'invalid_json' : 'invalid_yaml';
  const text = decodeUtf8(bytes);
  if (!text.ok) return err(invalid(code, [text.error]));
  const document =
    kind === 'payload' && format === 'json'
      ? readJson(text.value, { maxBytes: limits.payloadBytes, maxValues: limits.payloadValues })
      : readDocument(text.value, format);
  return document.ok ? ok(document.value) : err(invalid(code, document.error));
}
