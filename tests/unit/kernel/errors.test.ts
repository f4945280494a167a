import { describe, expect, it } from 'vitest';
import { Defect, errorTable, Fault } from '../../../src/kernel/errors.js';

describe('the error table', () => {
  const exits = { invalid: 2, refusal: 3, false: 1, fault: 4, defect: 70 } as const;

  it.each(Object.entries(errorTable))('%s exits by its kind and has an HTTP status', (code, row) => {
    expect(code).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(row.exit).toBe(exits[row.kind]);
    expect(row.http).toBeGreaterThanOrEqual(400);
    expect(row.http).toBeLessThan(600);
    if (row.kind === 'defect') expect(row.http).toBe(500);
    if (row.kind === 'fault') expect(row.http).not.toBe(500);
    expect(row.title).toMatch(/^[A-Z].*[^.]$/);
  });
});

describe('a fault', () => {
  it('says what failed, on what, why, and whether a retry helps', () => {
    const cause = new Error('ECONNREFUSED');
    const fault = new Fault('upstream_unreachable', 'no connection', {
      retryable: true,
      subject: 'said',
      cause,
    });
    expect(fault).toMatchObject({
      name: 'Fault',
      code: 'upstream_unreachable',
      retryable: true,
      subject: 'said',
    });
    expect(fault.cause).toBe(cause);
    expect(fault).toBeInstanceOf(Error);
  });

  it('without a cause has none', () => {
    expect('cause' in new Fault('io_failed', 'gone', { retryable: false })).toBe(false);
  });
});

describe('a defect', () => {
  it('names the invariant that broke', () => {
    const defect = new Defect('invariant_broken', 'two winners', { invariant: 'INV-CAIO-OPT-0001' });
    expect(defect).toMatchObject({
      name: 'Defect',
      code: 'invariant_broken',
      invariant: 'INV-CAIO-OPT-0001',
    });
    expect(new Defect('internal', 'unknown').invariant).toBeUndefined();
  });
});
