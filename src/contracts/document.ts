import { defaultJsonLimits, type JsonLimits, readJson, type SourceDocument } from '../kernel/json.js';
import type { Problem } from '../kernel/problem.js';
import type { Result } from '../kernel/result.js';
import { readYaml } from './yaml-document.js';

/**
 * A text as a value that remembers where everything stands and how every number was written. Both formats have the same limits (256 KiB,
 * 64 levels, 10,000 values unless told otherwise) and the same values: `readDocument` decides what is text, `parseX` what it means.
 * Errors: at most 16 problems, `json_*` (kernel) or `yaml_*` (`problemCodes`). Linear in the text; never throws.
 */
export function readDocument(
  text: string,
  format: 'json' | 'yaml',
  limits?: Partial<JsonLimits>,
): Result<SourceDocument, readonly Problem[]> {
  switch (format) {
    case 'json':
      return readJson(text, limits);
    case 'yaml':
      return readYaml(text, { ...defaultJsonLimits, ...limits });
    default:
      return format satisfies never;
  }
}
