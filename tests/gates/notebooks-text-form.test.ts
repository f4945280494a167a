import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seed } from '../support/seed.js';

interface Cell {
  readonly cell_type: string;
  readonly id: string;
  readonly metadata: Record<string, unknown>;
  readonly source: string;
  readonly execution_count?: number | null;
  readonly outputs?: readonly unknown[];
}
interface Notebook {
  readonly metadata: Record<string, unknown>;
  readonly cells: readonly Cell[];
}
interface TextForm {
  formatPercentText(notebook: Notebook): string;
  parsePercentText(text: string, earlier?: Notebook): Notebook;
}
interface FileForm {
  readonly DEFAULT_METADATA: Record<string, unknown>;
  formatNotebook(notebook: Notebook): string;
  parseNotebook(text: string): Notebook;
}
const load = async (name: string): Promise<unknown> =>
  import(new URL(`../../scripts/notebooks/${name}`, import.meta.url).href);
const { formatPercentText, parsePercentText } = (await load('percent-text.mjs')) as TextForm;
const { DEFAULT_METADATA, formatNotebook, parseNotebook } = (await load('notebook-file.mjs')) as FileForm;

// Lines that the text form gives a meaning to, beside ordinary ones.
const line = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '//',
    '// ',
    '// %%',
    '// \\%%',
    '// \\\\%% id=x',
    '%% [markdown]',
    '//%%',
    '\t// %%',
    '\r',
  ),
  fc.constantFrom(
    'const x = 1;',
    'export {};',
    '# Title',
    '`${',
    '\\',
    '// %% [notebook] module=a',
    '\u2028',
    'ä€😀',
  ),
  fc.string(),
);
const source = fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n'));
const json = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const tags = fc.oneof(
  fc.array(fc.constantFrom('extract', 'extract:src/verifier/x.ts', 'VERIFY:L1', 'a b', 'a,b', ''), {
    maxLength: 3,
  }),
  json,
);
const metadata = fc.oneof(
  fc.constant({}),
  fc.record({ tags, other: json }, { requiredKeys: [] }).map((record) => ({ ...record })),
);
const output = fc.record({
  output_type: fc.constant('stream'),
  name: fc.constantFrom('stdout', 'stderr'),
  text: source,
});
const cell = fc.oneof(
  fc.record({ cell_type: fc.constantFrom('markdown', 'raw'), metadata, source }),
  fc.record({
    cell_type: fc.constant('code'),
    metadata,
    source,
    execution_count: fc.option(fc.nat()),
    outputs: fc.array(output, { maxLength: 2 }),
  }),
);
const caio = fc.oneof(
  fc.record({ module: fc.constantFrom('src/verifier/a.ts', 'a b', ''), title: json }, { requiredKeys: [] }),
  json,
);
const notebook = fc
  .record({
    metadata: fc.oneof(
      fc.constant({ ...DEFAULT_METADATA }),
      caio.map((value) => ({ ...DEFAULT_METADATA, caio: value })),
      fc.record({ caio, ci: json }, { requiredKeys: [] }).map((record) => ({ ...record })),
    ),
    cells: fc.array(cell, { maxLength: 5 }),
  })
  .map(
    ({ metadata, cells }): Notebook => ({
      metadata,
      cells: cells.map((one, index) => ({ ...one, id: `cell-${index}` }) as Cell),
    }),
  );

const bare = (one: Notebook): Notebook => ({
  ...one,
  cells: one.cells.map((c) => (c.cell_type === 'code' ? { ...c, execution_count: null, outputs: [] } : c)),
});

describe('the text form of a notebook', () => {
  it('packing what was unpacked gives the notebook back, with its outputs when they are at hand', () => {
    let seen = 0;
    fc.assert(
      fc.property(notebook, (original) => {
        seen += original.cells.length;
        const text = formatPercentText(original);
        expect(parsePercentText(text)).toEqual(bare(original));
        expect(parsePercentText(text, original)).toEqual(original);
        expect(formatPercentText(parsePercentText(text))).toBe(text);
      }),
      { seed, numRuns: 1000 },
    );
    expect(seen).toBeGreaterThan(1000);
  });

  it('reading what was written gives the notebook back', () => {
    fc.assert(
      fc.property(notebook, (original) => {
        const bytes = formatNotebook(original);
        expect(parseNotebook(bytes)).toEqual(original);
        expect(formatNotebook(parseNotebook(bytes))).toBe(bytes);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('keeps the outputs of unchanged cells alone', () => {
    const text = '// %% id=a\n1\n\n// %% id=b\n2\n';
    const ran = (one: Cell): Cell => ({
      ...one,
      execution_count: 1,
      outputs: [{ output_type: 'stream', text: 'x' }],
    });
    const earlier = { ...parsePercentText(text), cells: parsePercentText(text).cells.map(ran) };
    const [a, b] = parsePercentText(text.replace('2', '3'), earlier).cells;
    expect(a?.outputs).toHaveLength(1);
    expect(b).toMatchObject({ source: '3', outputs: [], execution_count: null });
  });

  it('keeps the last line of a cell that no blank line follows', () => {
    const { cells } = parsePercentText('// %% [markdown] id=a\nbare words\n// %% id=b\n1');
    expect(cells.map(({ source }) => source)).toEqual(['bare words', '1']);
  });

  it('gives a cell without an id one that depends on its text alone', () => {
    const ids = (text: string) => parsePercentText(text).cells.map(({ id }) => id);
    const [first, second, again] = ids('// %%\n1\n\n// %%\n2\n\n// %%\n1\n');
    expect(ids('// %%\n2\n\n// %%\n1\n')).toEqual([second, first]);
    expect(again).toBe(`${first}-2`);
  });

  it.each([
    ['text before the first cell', 'const a = 1;\n', 'line 1: text before the first // %%'],
    ['an unknown word', '// %% id=a tag=extract\n', 'line 1: cannot read "tag=extract"'],
    ['an unknown kind', '// %% [code2]\n', 'line 1: [code2] is not a kind of cell'],
    ['an id twice', '// %% id=a\n// %% id=a\n', 'line 2: cell id "a" is used twice'],
    ['an impossible id', '// %% id=a.b\n', 'line 1: "a.b" is not a cell id'],
    ['metadata that is not JSON', '// %% id=a meta={a}\n', 'line 1: meta= is not a JSON object'],
  ])('refuses %s', (_, text, message) => {
    expect(() => parsePercentText(text)).toThrow(message);
  });
});
