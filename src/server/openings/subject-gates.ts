/** Whether what waited was let through, or came too late. */
type Passage = 'open' | 'erased';

/**
 * Keeps what is being written about a subject and the erasure of that subject apart: an erasure waits for the writes that began before it, and
 * writes that come while it runs wait for its end.
 */
export class SubjectGates {
  readonly #closed = new Map<string, Promise<Passage>>();
  readonly #inside = new Map<string, Set<Promise<unknown>>>();

  /** Runs `write` for those of the subjects that are not erased meanwhile; no gate of theirs closes before it has ended. */
  async pass<T>(subjects: readonly string[], write: (left: ReadonlySet<string>) => Promise<T>): Promise<T> {
    const left = new Set(subjects);
    for (let closed = this.#firstClosed(left); closed !== undefined; closed = this.#firstClosed(left)) {
      if ((await closed.passage) === 'erased') left.delete(closed.subject);
    }
    const writing = write(left);
    for (const subject of left) this.#enter(subject, writing);
    try {
      return await writing;
    } finally {
      for (const subject of left) this.#leave(subject, writing);
    }
  }

  /** Closes the gate of a subject, then waits until nobody is inside. Another closing of it waits for the end of this one. */
  async close(subject: string): Promise<(passage: Passage) => void> {
    for (let held = this.#closed.get(subject); held !== undefined; held = this.#closed.get(subject))
      await held;
    let open: (passage: Passage) => void = () => undefined;
    this.#closed.set(
      subject,
      new Promise((resolve) => {
        open = resolve;
      }),
    );
    await Promise.allSettled(this.#inside.get(subject) ?? []);
    return (passage) => {
      this.#closed.delete(subject);
      open(passage);
    };
  }

  #firstClosed(subjects: ReadonlySet<string>) {
    for (const subject of subjects) {
      const passage = this.#closed.get(subject);
      if (passage !== undefined) return { subject, passage };
    }
    return undefined;
  }

  #enter(subject: string, writing: Promise<unknown>): void {
    const inside = this.#inside.get(subject) ?? new Set();
    this.#inside.set(subject, inside.add(writing));
  }

  #leave(subject: string, writing: Promise<unknown>): void {
    const inside = this.#inside.get(subject);
    inside?.delete(writing);
    if (inside?.size === 0) this.#inside.delete(subject);
  }
}
