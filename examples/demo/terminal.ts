/** Colour on a terminal; plain text into files and pipes, or when NO_COLOR is set (no-color.org). */
const coloured = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export function paint(style: keyof typeof codes, text: string): string {
  return coloured ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
}

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

export function heading(text: string): void {
  say();
  say(paint('bold', text));
  say(paint('dim', '─'.repeat(Math.min(78, text.length))));
}

/** What was expected to happen, and whether it did. */
export class Expectations {
  #met = 0;
  readonly #broken: string[] = [];

  /** Prints the line and remembers it. */
  check(what: string, holds: boolean, found = ''): void {
    if (holds) {
      this.#met += 1;
      say(`  ${paint('green', '✓')} ${what}`);
    } else {
      this.#broken.push(what);
      say(`  ${paint('red', '✗')} ${what}${found === '' ? '' : `: ${found}`}`);
    }
  }

  /** True when everything was as expected. */
  summarise(seconds: number): boolean {
    heading('Summary');
    for (const what of this.#broken) say(`  ${paint('red', '✗')} ${what}`);
    const all = this.#met + this.#broken.length;
    say(`  ${this.#met} of ${all} expectations met in ${seconds.toFixed(1)} s`);
    return this.#broken.length === 0 && all > 0;
  }
}
