import type { CallerDocument } from './caller.js';
import type { Salts } from './parse-salts.js';
import type { AvailabilityRow, History } from './state.js';
import { formatTimestamp } from './timestamp.js';
import { wireText } from './wire-text.js';

/** A caller in JSON: `parseCaller(formatCaller(c))` is c. */
export function formatCaller({ caller, subject }: CallerDocument): string {
  const { not_before, expires } = caller;
  return wireText({
    ...caller,
    not_before: formatTimestamp(not_before),
    expires: formatTimestamp(expires),
    subject,
  });
}

/** A history epoch in JSON: `parseHistory(formatHistory(h))` is h. */
export function formatHistory({ from, to, rows }: History): string {
  return wireText({
    from,
    to,
    rows: rows.map(({ promises, ...row }) => ({
      ...row,
      promises: promises?.map((count) => ({ ...count })),
    })),
  });
}

/** Availability rows in JSON: `parseAvailability(formatAvailability(rows))` is rows. */
export function formatAvailability(rows: readonly AvailabilityRow[]): string {
  return wireText({ rows: rows.map((row) => ({ ...row })) });
}

/** Salts in JSON; secret until they are opened. `parseSalts(formatSalts(s))` is s. */
export function formatSalts(salts: Salts): string {
  return wireText(Object.fromEntries(Object.entries(salts).map(([name, salt]) => [name, hexOf(salt)])));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
