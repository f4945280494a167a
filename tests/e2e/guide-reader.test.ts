import { describe, expect, it } from 'vitest';
import { actsOf, firstMissing } from './guide-blocks.js';
import { followGuide } from './guide-reader.js';

const block = (info: string, ...lines: readonly string[]): string =>
  ['```'.concat(info), ...lines, '```', ''].join('\n');
const follow = (...blocks: readonly string[]) => followGuide(actsOf(`# A guide\n\n${blocks.join('\n')}`));

describe('a guide', () => {
  it('is followed from top to bottom in one shell, with the files it writes and what goes on behind it', async () => {
    const complaint = await follow(
      block(
        'js file=deep/server.mjs',
        "console.log('up at http://127.0.0.1:8080');",
        'setInterval(() => {}, 1e6);',
      ),
      block('sh background', 'node deep/server.mjs'),
      block('text', 'up at http://127.0.0.1:8080'),
      block('sh', 'export WORD=kept', 'ls configs/policies', 'caio --version'),
      block('text', 'hipaa.yaml', '….…'),
      block('sh', 'echo "$WORD"', 'false || echo "exit code $?"'),
      block('text', 'kept', 'exit code 1'),
    );
    expect(complaint).toBeUndefined();
  });

  it.each([
    [
      'a command fails',
      [block('sh', 'echo before', 'false', 'echo after')],
      'line 3: ended with 1:\nbefore\n',
    ],
    ['a command is not there', [block('sh', 'no-such-command')], 'line 3: ended with 127'],
    ['a command inside a pipe fails', [block('sh', 'false | cat')], 'line 3: ended with 1'],
    [
      'it shows what does not appear',
      [block('sh', 'echo a'), block('text', 'b')],
      'line 3: does not show\nb',
    ],
    ['the order is another', [block('sh', 'echo a; echo b'), block('text', 'b', 'a')], 'does not show\na'],
    [
      'a line is only part of what appears',
      [block('sh', 'echo abc'), block('text', 'b')],
      'does not show\nb',
    ],
    [
      'what runs behind ends early',
      [block('sh background', 'echo a'), block('text', 'b')],
      'line 3: ended with 1:\na',
    ],
  ])('is found wrong when %s', async (_, blocks, complaint) => {
    expect(await follow(...blocks)).toContain(complaint);
  });

  it.each([
    ['a file that nobody writes', block('yaml', 'a: 1'), /line 1: a yaml block that nobody runs/],
    ['a block without a language', block('', 'a'), /line 1: a nameless block/],
    ['a text that nothing shows', block('text', 'a'), /line 1: nothing shows this text/],
    ['a block without an end', '```sh\necho a\n', /the block at line 1 has no end/],
  ])('may not have %s', (_, text, message) => {
    expect(() => actsOf(text)).toThrow(message);
  });

  it('leaves out of a shown line what … stands for, and nothing else', () => {
    expect(firstMissing('a 123 b\nc\n', ['a … b', 'c'])).toBeUndefined();
    expect(firstMissing('a 123 c\n', ['a … b'])).toBe('a … b');
    expect(firstMissing('axb\n', ['a.b'])).toBe('a.b');
  });
});
