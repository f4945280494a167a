import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Contract } from '../contracts/contract.js';
import { readDocument } from '../contracts/document.js';
import { parseContract } from '../contracts/parse-contract.js';
import type { Problem } from '../kernel/problem.js';

/** A file's path or URL, the text of a contract (YAML or JSON; it holds a line end or a brace), or its wire form. */
export type ContractSource = string | URL | { readonly [member: string]: unknown };

/** The contract is invalid; `problems` says everything that is wrong with it and where. */
export class InvalidContract extends Error {
  override readonly name = 'InvalidContract';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const [first] = problems;
    super(
      `the contract is invalid: ${first?.path ?? ''} ${first?.message ?? ''} (${problems.length} in all)`,
    );
    this.problems = problems;
  }
}

/** Reads and checks a contract; `text` is what can be registered. Throws an InvalidContract. */
export function loadContract(source: ContractSource): { readonly contract: Contract; readonly text: string } {
  const text = contractText(source);
  const read = readDocument(text, /^\s*\{/.test(text) ? 'json' : 'yaml');
  if (!read.ok) throw new InvalidContract(read.error);
  const contract = parseContract(read.value);
  if (!contract.ok) throw new InvalidContract(contract.error);
  return { contract: contract.value, text };
}

/** The text of a contract, unread. Throws what the file system throws. */
export function contractText(source: ContractSource): string {
  if (source instanceof URL) return readFileSync(fileURLToPath(source), 'utf8');
  if (typeof source !== 'string') return JSON.stringify(source);
  return /[\n{]/.test(source) ? source : readFileSync(source, 'utf8');
}
