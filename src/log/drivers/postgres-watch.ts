import pg from 'pg';
import type { Head } from '../port.js';
import { sameHead } from './same-head.js';

export interface WatchOptions {
  readonly connection: pg.ClientConfig;
  readonly channel: string;
  /** Payload of this driver's own notifications, which are passed over. */
  readonly token: string;
  /** Whether to listen at all: a pooler that shares connections between transactions loses notifications. */
  readonly listen: boolean;
  /** How often the head is looked at, in case a notification was missed. */
  readonly sweepMillis: number;
  readonly readHead: () => Promise<Head | undefined>;
}

const firstRetryMillis = 100;
const lastRetryMillis = 5_000;

/**
 * Tells of commits by others: at once by LISTEN over a connection of its own, and by looking at the head every few seconds, which finds what
 * a lost notification or a lost connection left out. Nothing here rejects: while the database is away, it tries again.
 */
export class CommitWatch {
  readonly #options: WatchOptions;
  readonly #listeners = new Set<() => void>();
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMillis = firstRetryMillis;
  #sweep: NodeJS.Timeout | undefined;
  #seen: Head | undefined;
  #ended = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  async add(listener: () => void): Promise<() => void> {
    if (this.#sweep === undefined) {
      this.#seen = await this.#options.readHead();
      this.#sweepLater();
      await this.#connect();
    }
    // Each addition counts, also of the same function.
    const each = (): void => listener();
    this.#listeners.add(each);
    return () => this.#listeners.delete(each);
  }

  /** A commit of our own is no news. */
  saw(head: Head): void {
    this.#seen = head;
  }

  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#sweep);
    clearTimeout(this.#retry);
    this.#listeners.clear();
    await this.#client?.end().catch(() => undefined);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #sweepLater(): void {
    if (this.#ended) return;
    this.#sweep = setTimeout(
      () => void this.#look().finally(() => this.#sweepLater()),
      this.#options.sweepMillis,
    );
    this.#sweep.unref();
  }

  async #look(): Promise<void> {
    const head = await this.#options.readHead().catch(() => this.#seen);
    if (this.#ended || sameHead(head, this.#seen)) return;
    this.#seen = head;
    this.#tell();
  }

  async #connect(): Promise<void> {
    if (this.#ended || !this.#options.listen) return;
    const client = new pg.Client(this.#options.connection);
    this.#client = client;
    let lost = false;
    const lose = (): void => {
      if (lost) return;
      lost = true;
      void client.end().catch(() => undefined);
      this.#connectLater();
    };
    client.on('error', lose);
    client.on('end', lose);
    client.on('notification', ({ payload }) => {
      if (payload !== this.#options.token) this.#tell();
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${this.#options.channel}`);
      this.#retryMillis = firstRetryMillis;
      // What was committed while nobody listened.
      await this.#look();
    } catch {
      lose();
    }
  }

  #connectLater(): void {
    if (this.#ended) return;
    this.#retry = setTimeout(() => void this.#connect(), this.#retryMillis);
    this.#retry.unref();
    this.#retryMillis = Math.min(2 * this.#retryMillis, lastRetryMillis);
  }
}
