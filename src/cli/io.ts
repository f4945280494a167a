/** What a command may touch of the world besides files: streams, environment, clock. Injected so that tests see all of it. */
export interface CommandIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Microseconds since the epoch. */
  readonly now: () => number;
  readonly color: boolean;
}

export function terminalIo(): CommandIo {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', allowGoneReader);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    env: process.env,
    now: () => Date.now() * 1000,
    color: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
  };
}

/** Whoever reads may stop early (`caio explain d.json | head -1`): the command goes on to its end and its exit code. */
function allowGoneReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** What a command has to say: one JSON object on a line with `--json`, else text for a person. */
export function tell(io: CommandIo, json: boolean | undefined, value: object, text: string): void {
  io.out(json === true ? `${JSON.stringify(value)}\n` : text);
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
type Style = keyof typeof codes;

/** Text in a terminal style where the terminal shows colour, unchanged elsewhere. */
export function paint(io: CommandIo, style: Style, text: string): string {
  return io.color ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
}
