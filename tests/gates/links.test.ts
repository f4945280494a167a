import { describe, expect, it } from 'vitest';
import { inTrackedWorkshop } from './tracked-workshop.js';
import { runScript } from './workshop.js';

const links = (folder: string) => runScript('scripts/ci/links.mjs', folder);
const page = (text: string) => ({
  'docs/page.md': text,
  'docs/other.md': '# Other page\n\n## Part two\n',
  'src/a.ts': '',
});

const good = `# Page \`with code\`, and more

[a file](other.md), [a part](other.md#part-two), [itself](#page-with-code-and-more), [a folder](../src), [a file](../src/a.ts),
![picture](other.md "a title"), [outside](https://example.org/nowhere#at-all), <mailto:a@example.org> and [again].

[again]: other.md
`;

describe('the links gate', () => {
  it('is green on links that lead somewhere, and counts the relative ones', () => {
    expect(inTrackedWorkshop(page(good), links)).toEqual({
      status: 0,
      output: '7 relative links in 2 files, 0 findings\n',
    });
  });

  it.each([
    ['a file that is not there', '[x](gone.md)', 'docs/page.md:1: gone.md leads nowhere'],
    ['a picture that is not there', 'text\n![x](gone.png)', 'docs/page.md:2: gone.png leads nowhere'],
    ['a definition that leads nowhere', '[x]\n\n[x]: gone.md', 'docs/page.md:3: gone.md leads nowhere'],
    [
      'a heading that is not there',
      '[x](other.md#part-three)',
      'other.md#part-three leads to no heading there',
    ],
    ['a heading of its own that is not there', '# A\n[x](#b)', '#b leads to no heading there'],
    ['a heading inside a block of code', '```\n# B\n```\n[x](#b)', '#b leads to no heading there'],
    ['a path from the root', '[x](/docs/other.md)', '/docs/other.md begins at the root'],
    ['a way out of the project', '[x](../../other.md)', '../../other.md leads nowhere'],
  ])('is red on %s', (_, text, finding) => {
    const { status, output } = inTrackedWorkshop(page(text), links);
    expect(status).toBe(1);
    expect(output).toContain(finding);
    expect(output).toContain('1 findings');
  });

  it('is red on a file that no clone will have', () => {
    const run = inTrackedWorkshop({ 'a.md': '[x](b.md)\n' }, links, { 'b.md': '# B\n' });
    expect(run).toEqual({
      status: 1,
      output: '1 relative links in 1 files, 1 findings\na.md:1: b.md leads nowhere\n',
    });
  });

  it('does not read links out of code', () => {
    const text = '[x](other.md)\n```\n[y](gone.md)\n```\n`[z](gone.md)` and ``[z](gone.md)``\n';
    expect(inTrackedWorkshop(page(text), links)).toMatchObject({ status: 0 });
  });

  it('is red where there is no link', () => {
    expect(inTrackedWorkshop({ 'a.md': '# A\n' }, links)).toMatchObject({ status: 1 });
  });
});
