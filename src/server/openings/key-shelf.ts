import { closeSync, fdatasyncSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { wrappedKeyBytes } from './vault-port.js';

const slotBytes = wrappedKeyBytes;
const blank = Buffer.alloc(slotBytes);

/**
 * A file of slots of 64 bytes, written in place. LMDB writes every change to a new page and leaves the old one as it was; here what is blanked is
 * overwritten where it lay, and the disk has it when `sync` returns. A slot is within one sector, so a write of it is whole or not done.
 */
export class KeyShelf {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a+', 0o600);
    closeSync(this.#file);
    this.#file = openSync(path, 'r+');
    const folder = openSync(dirname(path), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  /** How many slots there are, blank ones too. */
  get size(): number {
    return Math.ceil(fstatSync(this.#file).size / slotBytes);
  }

  /** `undefined`: blank, or never written. */
  read(slot: number): Uint8Array | undefined {
    const bytes = Buffer.alloc(slotBytes);
    const count = readSync(this.#file, bytes, 0, slotBytes, slot * slotBytes);
    return count < slotBytes || bytes.equals(blank) ? undefined : bytes;
  }

  write(slot: number, bytes: Uint8Array): void {
    const count = writeSync(this.#file, bytes, 0, slotBytes, slot * slotBytes);
    if (count !== slotBytes) throw new Error(`${count} of ${slotBytes} bytes were written`);
  }

  blank(slot: number): void {
    this.write(slot, blank);
  }

  sync(): void {
    fdatasyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}
