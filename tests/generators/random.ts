/** A seeded stream of draws (sfc32): what is drawn is a function of the seed and the stream's number, on every machine. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, stream: number) {
    this.a = seed >>> 0;
    this.b = Math.floor(seed / 2 ** 32) ^ 0x9e3779b9;
    this.c = stream >>> 0;
    for (let i = 0; i < 15; i += 1) this.word();
  }

  /** 32 bits. */
  word(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  }

  chance(probability: number): boolean {
    return this.word() < probability * 2 ** 32;
  }

  /** An integer of [least, most], both included; all of the safe range may be asked for. */
  integer(least: number, most: number): number {
    const span = BigInt(most) - BigInt(least) + 1n;
    if (span <= 2n ** 32n) return least + Math.floor((this.word() / 2 ** 32) * Number(span));
    const wide = (BigInt(this.word()) << 32n) | BigInt(this.word());
    return Number(BigInt(least) + (wide % span));
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** Each item with that probability, in their order. */
  some<T>(items: readonly T[], probability = 0.5): T[] {
    return items.filter(() => this.chance(probability));
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.word().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }
}
