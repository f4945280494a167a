import { dirname, resolve } from 'node:path';
import { checkShape } from '../contracts/schema.js';
import type { SourceDocument } from '../kernel/json.js';
import type { Problem } from '../kernel/problem.js';
import { err, ok, type Result } from '../kernel/result.js';
import { keyAlgorithm, parseVerifierKey, type VerifierKey } from '../kernel/verifier-key.js';
import { parseFile } from './files.js';

/** What `caio witness serve` runs with: witness.yaml, paths made absolute. */
export interface WitnessConfiguration {
  readonly host: string;
  readonly port: number;
  readonly key: string;
  readonly folder: string;
  readonly logs: readonly VerifierKey[];
}

interface Wire {
  readonly listen?: { readonly host?: string; readonly port?: number };
  readonly key: string;
  readonly folder?: string;
  readonly logs: readonly string[];
}

export async function readWitnessConfiguration(file: string): Promise<WitnessConfiguration> {
  const { wire, logs } = await parseFile(file, 'Configuration', 'invalid_configuration', parse);
  const folder = dirname(resolve(file));
  return {
    host: wire.listen?.host || '127.0.0.1',
    port: wire.listen?.port ?? 8090,
    key: resolve(folder, wire.key),
    folder: resolve(folder, wire.folder ?? 'witness-data'),
    logs,
  };
}

function parse(
  document: SourceDocument,
): Result<{ readonly wire: Wire; readonly logs: readonly VerifierKey[] }, readonly Problem[]> {
  const problems = checkShape('witness', document);
  if (problems.length > 0) return err(problems);
  // The schema says that it is one.
  const wire = document.value as unknown as Wire;
  const logs: VerifierKey[] = [];
  for (const [i, text] of wire.logs.entries()) {
    const key = parseVerifierKey(text);
    if (!key.ok) return err([{ ...key.error, path: `/logs/${i}` }]);
    if (key.value.algorithm !== keyAlgorithm.ed25519) {
      const message = 'that is the key of a witness; a log has one of algorithm 1 (caio key public)';
      return err([{ code: 'key_invalid', path: `/logs/${i}`, message }]);
    }
    logs.push(key.value);
  }
  return ok({ wire, logs });
}
