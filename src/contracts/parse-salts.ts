import type { SourceDocument } from '../kernel/json.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { mapEntries } from './present.js';
import { checkShape } from './schema.js';

/** Salts by the name of what they seal, 32 bytes each. */
export type Salts = { readonly [name: string]: Uint8Array };

/** Salts (configs/schemas/salts.schema.json): name of a sealed value (calculus §1) to 64 hexadecimal digits. */
export function parseSalts(document: SourceDocument): Result<Salts, readonly Problem[]> {
  const problems = checkShape('salts', document);
  if (problems.length > 0) return err(problems);
  // The schema says that it is one.
  return ok(mapEntries(document.value as unknown as { readonly [name: string]: string }, bytesOfHex));
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}
