import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exclusionCodes, steps } from '../../../src/contracts/certificate.js';
import { errorTable } from '../../../src/kernel/errors.js';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const guide = read('docs/guides/errors.md');

/** The rows of the table under a heading, as cells, in order. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const section = guide.split(`\n${heading}`)[1]?.split(/\n#{2,3} /)[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

describe('docs/guides/errors.md', () => {
  it.each([
    ['invalid', '## Invalid'],
    ['refusal', '## Refusal'],
    ['false', '## False'],
    ['fault', '## Fault'],
    ['defect', '## Defect'],
  ])('lists the %s errors with status, exit code and sentence', (kind, heading) => {
    const expected = Object.entries(errorTable)
      .filter(([, row]) => row.kind === kind)
      .map(([code, { http, exit, title }]) => [code, String(http), String(exit), title]);
    expect(rowsUnder(heading)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  });

  it.each(steps)('lists the exclusion codes of %s, each with a sentence', (step) => {
    const rows = rowsUnder(`### ${step}`);
    expect(rows.map(([code]) => code)).toEqual(exclusionCodes[step]);
    for (const [, sentence] of rows) expect(sentence).toMatch(/^[A-Z].{10,}\.$/);
  });

  it('lists the verification codes, each with a sentence', () => {
    const source = read('src/verifier/falsehood.ts');
    const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);
    const rows = rowsUnder('## Verification codes');
    expect(rows.map(([code]) => code)).toEqual(codes);
    expect(codes.length).toBeGreaterThan(20);
    for (const [, sentence] of rows) expect(sentence).toMatch(/^[A-Z].{10,}\.$/);
  });
});
