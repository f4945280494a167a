import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemCodes } from '../../../src/contracts/problem-codes.js';
import { schemaDocument } from '../../../src/contracts/schema.js';
import type { Problem } from '../../../src/kernel/problem.js';
import { documentKinds, parseText } from '../../bad-input/contracts-parsers.js';
import { blockYaml, hostileTexts, hostileTrees } from '../../generators/hostile-documents.js';

const seed = 20_261_123;

function placedIn(text: string, problems: readonly Problem[]): void {
  const lines = text.split('\n');
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.length).toBeLessThanOrEqual(100);
  let last = [0, 0];
  for (const { code, message, line = 0, column = 0 } of problems) {
    expect(code in problemCodes || code.startsWith('json_')).toBe(true);
    expect(message).not.toBe('');
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
    expect(line > (last[0] ?? 0) || column >= (last[1] ?? 0)).toBe(true);
    last = [line, column];
  }
}

describe('whatever the text', () => {
  it('parsing answers: a document, or problems in the order of the text, each at a place in it', () => {
    const seen = new Map<string, number>();
    const note = (what: string): void => {
      seen.set(what, (seen.get(what) ?? 0) + 1);
    };
    fc.assert(
      fc.property(hostileTexts, ({ kind, notation, text }) => {
        const parsed = parseText(kind, text, notation);
        if (parsed.ok) return note('accepted');
        placedIn(text, parsed.error);
        for (const code of new Set(parsed.error.map((problem) => problem.code))) note(code);
      }),
      { seed, numRuns: 3_000 },
    );
    console.log(`seed ${seed}:`, Object.fromEntries([...seen].sort((a, b) => b[1] - a[1])));
    // What the mutations must have met for this to say anything.
    const reached = [
      'accepted',
      'json_syntax',
      'yaml_syntax',
      'yaml_anchor',
      'yaml_alias',
      'yaml_tag',
      'yaml_key',
      'yaml_too_deep',
    ];
    const alsoReached = [
      'yaml_number',
      'yaml_control_character',
      'yaml_duplicate_key',
      'field_unknown',
      'format_wrong',
      'type_wrong',
    ];
    for (const code of [...reached, ...alsoReached])
      expect(seen.get(code) ?? 0, code).toBeGreaterThanOrEqual(5);
  });

  it('JSON is YAML: a document in JSON has the same value or the same problems at the same places read as either', () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(hostileTrees, ({ kind, text }) => {
        const json = parseText(kind, text, 'json');
        expect(parseText(kind, text, 'yaml')).toEqual(json);
        if (json.ok) seen.accepted += 1;
        else {
          seen.refused += 1;
          placedIn(text, json.error);
        }
      }),
      { seed, numRuns: 3_000 },
    );
    console.log(`seed ${seed}:`, seen);
    expect(seen.accepted).toBeGreaterThanOrEqual(200);
    expect(seen.refused).toBeGreaterThanOrEqual(1_000);
  });

  it.each(documentKinds)('block style says the same as JSON: %s', (kind) => {
    for (const example of schemaDocument(kind).examples as never[]) {
      expect(parseText(kind, blockYaml(example, ''), 'yaml')).toEqual(
        parseText(kind, JSON.stringify(example), 'json'),
      );
    }
  });

  it('parsing answers to texts of noise', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...'[]{},:-?#&*!|>\'"%@` \n\t\\ab01.~<'), { maxLength: 60 }),
        fc.constantFrom(...documentKinds),
        (characters, kind) => {
          const text = characters.join('');
          for (const notation of ['json', 'yaml'] as const) {
            const parsed = parseText(kind, text, notation);
            if (!parsed.ok) placedIn(text, parsed.error);
          }
        },
      ),
      { seed, numRuns: 3_000 },
    );
  });
});
