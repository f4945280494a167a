import { readDocument } from '../../src/contracts/document.js';
import { parseAvailability } from '../../src/contracts/parse-availability.js';
import { parseCaller } from '../../src/contracts/parse-caller.js';
import { parseContract } from '../../src/contracts/parse-contract.js';
import { parseHistory } from '../../src/contracts/parse-history.js';
import { parseParameters } from '../../src/contracts/parse-parameters.js';
import { parsePolicy } from '../../src/contracts/parse-policy.js';
import { parseRequest } from '../../src/contracts/parse-request.js';
import { parseSalts } from '../../src/contracts/parse-salts.js';
import type { SourceDocument } from '../../src/kernel/json.js';
import type { Problem } from '../../src/kernel/problem.js';
import type { Result } from '../../src/kernel/result.js';

/** Every parser of a document, by the name of its schema. */
export const parsers = {
  availability: parseAvailability,
  caller: parseCaller,
  contract: parseContract,
  history: parseHistory,
  parameters: parseParameters,
  policy: parsePolicy,
  request: parseRequest,
  salts: parseSalts,
} as const satisfies Readonly<Record<string, Parser>>;

export type DocumentKind = keyof typeof parsers;
export const documentKinds = Object.keys(parsers) as readonly DocumentKind[];

type Parser = (document: SourceDocument) => Result<unknown, readonly Problem[]>;

/** Text to document, as a caller meets it. */
export function parseText(
  kind: DocumentKind,
  text: string,
  notation: 'json' | 'yaml',
): Result<unknown, readonly Problem[]> {
  const read = readDocument(text, notation);
  return read.ok ? parsers[kind](read.value) : read;
}
