import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { boxOverhead, openBox, sealBox } from '../../../../src/server/openings/sealed-box.js';

const key = randomBytes(32);
const plain = Buffer.from('patient-17');

describe('a sealed box', () => {
  it('opens to what was sealed, of any length', () => {
    for (const length of [0, 1, 15, 16, 17, 4096]) {
      const bytes = randomBytes(length);
      const box = sealBox(key, 'a place', bytes, randomBytes);
      expect(box.length).toBe(length + boxOverhead);
      expect(Buffer.from(openBox(key, 'a place', box) ?? [])).toEqual(bytes);
    }
  });

  it('shows nothing of what is in it, and never the same twice', () => {
    const boxes = Array.from({ length: 100 }, () => sealBox(key, 'a place', plain, randomBytes));
    expect(new Set(boxes.map((box) => Buffer.from(box).toString('hex'))).size).toBe(100);
    expect(new Set(boxes.map((box) => Buffer.from(box.subarray(0, 12)).toString('hex'))).size).toBe(100);
    expect(boxes.some((box) => Buffer.from(box).includes(plain))).toBe(false);
  });

  it('does not open when any bit of nonce, ciphertext or tag is another', () => {
    const box = sealBox(key, 'a place', plain, randomBytes);
    for (let bit = 0; bit < box.length * 8; bit += 1) {
      const changed = Uint8Array.from(box);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(openBox(key, 'a place', changed)).toBeUndefined();
    }
  });

  it('does not open in another place, under another key, or cut short', () => {
    const box = sealBox(key, 'a place', plain, randomBytes);
    expect(openBox(key, 'another place', box)).toBeUndefined();
    expect(openBox(randomBytes(32), 'a place', box)).toBeUndefined();
    for (let length = 0; length < box.length; length += 1) {
      expect(openBox(key, 'a place', box.subarray(0, length))).toBeUndefined();
    }
  });

  it('is AES-256-GCM as it was when this was written', () => {
    const fixed = (bytes: number) => Buffer.alloc(bytes, 7);
    const box = sealBox(Buffer.alloc(32, 1), 'a place', plain, fixed);
    expect(Buffer.from(box).toString('hex')).toBe(
      // The same bytes by another implementation: AESGCM of Python's cryptography, with the key from its hmac.
      '07070707070707070707070789900e2ba0c1ff172d0da2d6c9ed56a980aae2feb47dbb2c8fea',
    );
  });
});
