import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDocument } from '../../../src/contracts/document.js';
import { formatContract } from '../../../src/contracts/format-contract.js';
import { formatParameters } from '../../../src/contracts/format-parameters.js';
import { formatPolicy } from '../../../src/contracts/format-policy.js';
import { formatRequest } from '../../../src/contracts/format-request.js';
import {
  formatAvailability,
  formatCaller,
  formatHistory,
  formatSalts,
} from '../../../src/contracts/format-state.js';
import { parseAvailability } from '../../../src/contracts/parse-availability.js';
import { parseCaller } from '../../../src/contracts/parse-caller.js';
import { parseContract } from '../../../src/contracts/parse-contract.js';
import { parseHistory } from '../../../src/contracts/parse-history.js';
import { parseParameters } from '../../../src/contracts/parse-parameters.js';
import { parsePolicy } from '../../../src/contracts/parse-policy.js';
import { parseRequest } from '../../../src/contracts/parse-request.js';
import { parseSalts } from '../../../src/contracts/parse-salts.js';
import { canonicalText } from '../../../src/kernel/canonical.js';
import type { SourceDocument } from '../../../src/kernel/json.js';
import type { Problem } from '../../../src/kernel/problem.js';
import type { Result } from '../../../src/kernel/result.js';
import {
  availabilities,
  callerDocuments,
  contracts,
  histories,
  parameterSets,
  policies,
  requestDocuments,
  saltSets,
} from '../../generators/documents.js';

const seed = 20_261_123;
const numRuns = 300;

type Parser<T> = (document: SourceDocument) => Result<T, readonly Problem[]>;

function holds<T>(documents: fc.Arbitrary<T>, format: (document: T) => string, parse: Parser<T>): void {
  fc.assert(
    fc.property(documents, (document) => {
      const text = format(document);
      for (const notation of ['json', 'yaml'] as const) {
        const read = readDocument(text, notation);
        if (!read.ok) throw new Error(`${notation}: ${JSON.stringify(read.error)}\n${text}`);
        const parsed = parse(read.value);
        if (!parsed.ok) throw new Error(`${notation}: ${JSON.stringify(parsed.error)}\n${text}`);
        expect(parsed.value).toEqual(document);
      }
    }),
    { seed, numRuns },
  );
}

describe('parsing what was formatted gives the document back, from JSON and from YAML', () => {
  it('contracts', () => holds(contracts, formatContract, parseContract));
  it('requests', () => holds(requestDocuments, formatRequest, parseRequest));
  it('policies', () => holds(policies, formatPolicy, parsePolicy));
  it('callers', () => holds(callerDocuments, formatCaller, parseCaller));
  it('parameters', () => holds(parameterSets, formatParameters, parseParameters));
  it('histories', () => holds(histories, formatHistory, parseHistory));
  it('availability', () => holds(availabilities, formatAvailability, parseAvailability));
  it('salts', () => holds(saltSets, formatSalts, parseSalts));
});

describe('parsed documents', () => {
  it('have a canonical form: no absent member, no -0, no lone surrogate', () => {
    fc.assert(
      fc.property(contracts, requestDocuments, (contract, request) => {
        const read = readDocument(formatContract(contract), 'json');
        const parsed = read.ok ? parseContract(read.value) : read;
        expect(parsed.ok && canonicalText(parsed.value)).toBe(canonicalText(contract));
        const readRequest = readDocument(formatRequest(request), 'json');
        const parsedRequest = readRequest.ok ? parseRequest(readRequest.value) : readRequest;
        expect(parsedRequest.ok && canonicalText(parsedRequest.value)).toBe(canonicalText(request));
      }),
      { seed, numRuns: 200 },
    );
  });
});

describe('the generators reach', () => {
  const sample = fc.sample(contracts, { seed, numRuns: 2_000 });
  const text = sample.map((contract) => formatContract(contract));
  const requestTexts = fc.sample(requestDocuments, { seed, numRuns: 1_000 }).map(formatRequest);
  const share = (texts: readonly string[], pattern: RegExp) =>
    texts.filter((one) => pattern.test(one)).length;

  it.each([
    ['external services', text, /"origin": "external"/, 600],
    ['services without prices', text, /^(?![\s\S]*"cost": \{)/, 300],
    ['any_of permissions', text, /"any_of"/, 600],
    ['tenants', text, /"tenants"/, 600],
    ['names of the prototype', text, /"constructor"/, 200],
    ['numbers around 2^53', text, /9007199254\.74099[01]/, 200],
    ['numbers around 2^32', text, /4294(\.967|967)29[567]/, 200],
    ['sets above U+FFFF', text, /\u{1f600}/u, 100],
    ['ranges with one end', text, /\{\s*"min": [^,]*\}/, 200],
    ['fallbacks', requestTexts, /"fallback"/, 300],
    ['seeds', requestTexts, /"seed"/, 300],
    ['context integers', requestTexts, /"context": \{[^}]*: -?\d/, 100],
    ['texts that YAML 1.1 reads otherwise', requestTexts, /"(no|0x1F|~)"/, 50],
  ] as const)('%s', (_, texts, pattern, least) => {
    expect(share(texts, pattern)).toBeGreaterThanOrEqual(least);
  });
});
