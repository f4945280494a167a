/** A fenced block of a Markdown text: its language, the rest of its info string, where it begins, its lines. */
export interface Block {
  readonly language: string;
  readonly info: string;
  readonly line: number;
  readonly text: string;
}

/** What a guide asks its reader to do, in order. */
export type Act =
  | { readonly kind: 'write'; readonly line: number; readonly file: string; readonly text: string }
  | {
      readonly kind: 'run' | 'start';
      readonly line: number;
      readonly command: string;
      /** Lines that must be shown, in this order; `…` stands for anything. */
      readonly shows: readonly string[];
    };

export function blocksOf(markdown: string): readonly Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const fence = /^(`{3,})(\S*)[ ]*(.*)$/.exec(lines[at] ?? '');
    if (fence === null) continue;
    const end = lines.indexOf(fence[1] as string, at + 1);
    if (end === -1) throw new Error(`the block at line ${at + 1} has no end`);
    blocks.push({
      language: fence[2] ?? '',
      info: fence[3] ?? '',
      line: at + 1,
      text: lines.slice(at + 1, end).join('\n'),
    });
    at = end;
  }
  return blocks;
}

/**
 * The convention of the guides. `sh`: the reader runs it, in one shell from top to bottom; `sh background`: it goes on while the reader
 * reads on; a `text` block after either shows what appears. Any other language has `file=NAME`: the reader writes that file. A block
 * that is none of these is an error, so that nothing in a guide goes untried.
 */
export function actsOf(markdown: string): readonly Act[] {
  const acts: Act[] = [];
  const blocks = blocksOf(markdown);
  for (const [at, { language, info, line, text }] of blocks.entries()) {
    const file = /(?:^| )file=(\S+)/.exec(info)?.[1];
    if (language === 'sh') {
      const next = blocks[at + 1];
      const shows =
        next?.language === 'text' ? next.text.split('\n').filter((shown) => shown.trim() !== '') : [];
      acts.push({ kind: info === 'background' ? 'start' : 'run', line, command: text, shows });
    } else if (language === 'text') {
      if (blocks[at - 1]?.language !== 'sh') throw new Error(`line ${line}: nothing shows this text`);
    } else if (file !== undefined) {
      acts.push({ kind: 'write', line, file, text: `${text}\n` });
    } else {
      throw new Error(
        `line ${line}: a ${language || 'nameless'} block that nobody runs: add file=NAME, or make it sh`,
      );
    }
  }
  return acts;
}

/** The first of `shows` that `output` does not have after the ones before it. */
export function firstMissing(output: string, shows: readonly string[]): string | undefined {
  const lines = output.split('\n').map((line) => line.trimEnd());
  let at = 0;
  for (const shown of shows) {
    const found = lines.findIndex((line, index) => index >= at && patternOf(shown.trimEnd()).test(line));
    if (found === -1) return shown;
    at = found + 1;
  }
  return undefined;
}

function patternOf(shown: string): RegExp {
  const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${shown.split('…').map(literal).join('.*')}$`);
}
