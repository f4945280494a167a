import type { CommandIo } from './io.js';

export interface Progress {
  /** So much of the total is done now. */
  at(done: number): void;
  /** Takes the line away, where one was drawn. */
  end(): void;
}

const quietMicros = 2_000_000;
const barEveryMicros = 200_000;
const lineEveryMicros = 5_000_000;
const barWidth = 30;

/** How far a long command is, on standard error: nothing for two seconds, then a bar that is drawn over, or a line now and then where nobody watches. */
export function progressOf(io: CommandIo, what: string, total: number): Progress {
  const started = io.now();
  let last = started + quietMicros - (io.color ? barEveryMicros : lineEveryMicros);
  let drawn = false;
  return {
    at: (done) => {
      const now = io.now();
      if (now - started < quietMicros || now - last < (io.color ? barEveryMicros : lineEveryMicros)) return;
      last = now;
      const share = total === 0 ? 1 : done / total;
      const left =
        done === 0 ? '' : `, ${Math.ceil((((now - started) / done) * (total - done)) / 1e6)} s left`;
      const says = `${what}: ${done} of ${total} (${Math.floor(share * 100)} %)${left}`;
      const full = Math.round(share * barWidth);
      io.err(io.color ? `\r\u001b[K${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${says}` : `${says}\n`);
      drawn = io.color;
    },
    end: () => {
      if (drawn) io.err('\r\u001b[K');
    },
  };
}
