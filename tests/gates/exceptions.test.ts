import { describe, expect, it, vi } from 'vitest';
import { scan } from '../../scripts/ci/text-scan.mjs';
import { inTrackedWorkshop } from './tracked-workshop.js';

describe('an exception of a scan', () => {
  const forbidden = [{ name: 'a fox', pattern: /fox/ }];
  const exception = { path: 'a.txt', name: 'a fox', reason: 'it is a story' };

  it('lets pass what it names, there only', () => {
    const told: string[] = [];
    const error = vi.spyOn(console, 'error').mockImplementation((line: string) => void told.push(line));
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    try {
      const verdicts = [
        inTrackedWorkshop({ 'a.txt': 'fox fox' }, (folder) => scan(folder, forbidden, [exception])),
        inTrackedWorkshop({ 'a.txt': 'fox', 'b.txt': 'fox' }, (folder) =>
          scan(folder, forbidden, [exception]),
        ),
        inTrackedWorkshop({ 'a.txt': 'hen' }, (folder) => scan(folder, forbidden, [exception])),
      ];
      expect(verdicts).toEqual([0, 1, 1]);
      expect(told).toEqual(['b.txt:1: a fox', 'a.txt: nothing needs the exception for a fox']);
    } finally {
      error.mockRestore();
      log.mockRestore();
    }
  });
});
