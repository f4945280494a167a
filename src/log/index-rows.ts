import type { LogEntry } from './entry.js';
import type { IndexRow } from './port.js';

const width = String(Number.MAX_SAFE_INTEGER).length;

/** An index as fixed-width digits, so that byte order is the order of the log. */
export function indexDigits(index: number): string {
  return String(index).padStart(width, '0');
}

export const entryKey = (index: number): string => `entry/${indexDigits(index)}`;

/** Folders of the projection; each key ends in the digits of the entry's index, but for `decision`, which ends in the id. */
export const indexFolder = {
  /** Entries that the fold reads: state entries and outcomes. */
  fold: 'fold/',
  decision: 'decision/',
  decisions: 'decisions/',
  ofTenant: (tenant: string): string => `tenant/${tenant}/`,
  /** Decision, attempts and outcomes of one decision. */
  trace: (decision: string): string => `trace/${decision}/`,
} as const;

/** The index at the end of a key. */
export function indexInKey(key: string): number {
  return Number(key.slice(-width));
}

/** How an entry can be found. */
export function indexRows(entry: LogEntry, index: number): readonly IndexRow[] {
  const digits = indexDigits(index);
  switch (entry.kind) {
    case 'decision': {
      const { id, inputs } = entry.certificate;
      return [
        { key: `${indexFolder.decision}${id}`, value: String(index) },
        { key: `${indexFolder.decisions}${digits}`, value: id },
        { key: `${indexFolder.ofTenant(inputs.caller.tenant)}${digits}`, value: id },
        { key: `${indexFolder.trace(id)}${digits}`, value: entry.kind },
      ];
    }
    case 'attempt':
      return [{ key: `${indexFolder.trace(entry.decision)}${digits}`, value: entry.kind }];
    case 'outcome':
      return [
        { key: `${indexFolder.trace(entry.decision)}${digits}`, value: entry.kind },
        { key: `${indexFolder.fold}${digits}`, value: entry.kind },
      ];
    case 'proof':
    case 'access':
    case 'erasure':
      return [];
    default:
      return [{ key: `${indexFolder.fold}${digits}`, value: entry.kind }];
  }
}
