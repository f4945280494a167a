import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../../src/kernel/canonical.js';
import { type JsonValue, readJson, valueAt } from '../../../src/kernel/json.js';
import { appendPointer } from '../../../src/kernel/pointer.js';
import { seed } from '../../support/seed.js';

/** JSON values with the strings and numbers that break readers: escapes, pairs, control characters, extremes. */
const jsonValue = fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }) as fc.Arbitrary<JsonValue>;

/** Text that is nearly JSON: a valid text with a few units replaced, dropped or doubled. */
const nearlyJson = fc
  .tuple(
    jsonValue,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('', '"', '\\', '{', ']', ',', '0', '\ud800', '\n', 'e'))),
  )
  .map(([value, edits]) =>
    edits.reduce((text, [at, unit]) => {
      const position = at % (text.length + 1);
      return text.slice(0, position) + unit + text.slice(position + (unit === '' ? 1 : 0));
    }, JSON.stringify(value)),
  );

function parsed(text: string): unknown {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return 'refused';
  }
}

/** Objects of the reader have no prototype; a detour through text makes them comparable. */
function plain(value: JsonValue): unknown {
  return JSON.parse(JSON.stringify(value, (_key, member) => (Object.is(member, -0) ? '-0' : member)));
}

function pointersOf(value: JsonValue, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, child]) => pointersOf(child, appendPointer(at, key)))];
}

describe('readJson', () => {
  it('reads what JSON.stringify writes, to the same value', () => {
    fc.assert(
      fc.property(jsonValue, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const result = readJson(text);
        expect(result.ok && plain(result.value.value)).toEqual(plain(JSON.parse(text)));
      }),
      { seed, numRuns: 1_000 },
    );
  });

  it('takes nothing that JSON.parse refuses, and reads the rest as it does', () => {
    let taken = 0;
    let refused = 0;
    fc.assert(
      fc.property(nearlyJson, (text) => {
        const result = readJson(text);
        const peer = parsed(text);
        if (result.ok) {
          taken += 1;
          expect(peer).not.toBe('refused');
          expect({ value: plain(result.value.value) }).toEqual({
            value: plain((peer as { value: JsonValue }).value),
          });
        } else {
          refused += 1;
          const strictOnly = ['json_duplicate_key', 'json_lone_surrogate', 'json_number_range'];
          if (peer !== 'refused') expect(strictOnly).toContain(result.error[0]?.code);
        }
      }),
      { seed, numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(300);
    expect(refused).toBeGreaterThan(300);
  });

  it('never throws, on any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0d8ce+-.19tfn \n\ud83d'), maxLength: 80 }),
        (text) => {
          const result = readJson(text);
          if (!result.ok) expect(result.error.length).toBeGreaterThan(0);
          expect(typeof result.ok).toBe('boolean');
        },
      ),
      { seed, numRuns: 5_000 },
    );
  });

  it('locates every value where reading the text from there gives that value', () => {
    fc.assert(
      fc.property(jsonValue, fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const result = readJson(text);
        if (!result.ok) throw new Error('refused');
        const document = result.value;
        const lines = text.split('\n');
        for (const pointer of pointersOf(document.value)) {
          const { line, column } = document.locate(pointer);
          const offset =
            lines.slice(0, line - 1).reduce((sum, before) => sum + before.length + 1, 0) + column - 1;
          const here = valueAt(document.value, pointer) as JsonValue;
          expect(text.slice(offset).startsWith(firstTokenOf(here)), `${pointer} in ${text}`).toBe(true);
          expect(document.numberText(pointer)).toBe(
            typeof here === 'number' ? JSON.stringify(here) : undefined,
          );
        }
      }),
      { seed, numRuns: 300 },
    );
  });
});

function firstTokenOf(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return Array.isArray(value) ? '[' : '{';
}

describe('canonicalText', () => {
  it('is a fixed point: reading it and writing it again changes nothing', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const text = canonicalText(value);
        const result = readJson(text);
        expect(result.ok && canonicalText(result.value.value)).toBe(text);
      }),
      { seed, numRuns: 1_000 },
    );
  });

  it('does not depend on the order in which members were added', () => {
    const entries = fc.uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), jsonValue), {
      selector: ([key]) => key,
      maxLength: 8,
    });
    fc.assert(
      fc.property(entries, (members) => {
        const forwards = Object.fromEntries(members);
        const backwards = Object.fromEntries([...members].reverse());
        expect(canonicalText(forwards)).toBe(canonicalText(backwards));
        expect(JSON.parse(canonicalText(forwards))).toEqual(JSON.parse(JSON.stringify(forwards)));
      }),
      { seed, numRuns: 500 },
    );
  });
});
