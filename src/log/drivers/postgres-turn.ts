import type pg from 'pg';

/** A transaction that holds the row of the head: until it ends, nobody else commits. */
export interface Turn {
  readonly client: pg.PoolClient;
}

/** Races to lose in a row before a turn is asked for: while the others wait for it nothing is written, so it costs throughput. */
const patience = 4;

/**
 * Fairness among writers. Who lost the race for the head has to read what the winner wrote before the next try, and a busy winner would by
 * then have committed again, and so on for ever. So the loser waits for the row of the head, which PostgreSQL hands out in the order of
 * asking, and keeps it for its next commit, for a moment at most: meanwhile others wait, and group what waits with them.
 */
export class Turns {
  readonly #pool: pg.Pool;
  readonly #lockHead: string;
  readonly #holdMillis: number;
  #held: Turn | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #asking = false;
  #lostInARow = 0;

  constructor(pool: pg.Pool, lockHead: string, holdMillis: number) {
    this.#pool = pool;
    this.#lockHead = lockHead;
    this.#holdMillis = holdMillis;
  }

  /** The turn that is held, if any; it is the caller's from now on, to be committed, given up or kept again. */
  take(): Turn | undefined {
    const turn = this.#held;
    this.#held = undefined;
    clearTimeout(this.#expiry);
    return turn;
  }

  won(): void {
    this.#lostInARow = 0;
  }

  /** After a race that was lost; after the second in a row this waits for a turn. */
  async lost(): Promise<void> {
    this.#lostInARow += 1;
    if (this.#lostInARow >= patience) await this.ask();
  }

  /** Waits for a turn and keeps it. Not getting one is no failure: the next commit then races like any other. */
  async ask(): Promise<void> {
    if (this.#asking || this.#held !== undefined) return;
    this.#asking = true;
    let client: pg.PoolClient | undefined;
    try {
      client = await this.#pool.connect();
      await client.query(`BEGIN; ${this.#lockHead}`);
      this.keep({ client });
    } catch {
      client?.release(true);
    } finally {
      this.#asking = false;
    }
  }

  keep(turn: Turn): void {
    this.#held = turn;
    this.#expiry = setTimeout(() => {
      if (this.#held === turn) void giveUp(this.take());
    }, this.#holdMillis);
    this.#expiry.unref();
  }

  async end(): Promise<void> {
    await giveUp(this.take());
  }
}

export async function giveUp(turn: Turn | undefined): Promise<void> {
  if (turn === undefined) return;
  try {
    await turn.client.query('ROLLBACK');
    turn.client.release();
  } catch {
    turn.client.release(true);
  }
}
