import type { Contract } from '../contracts/contract.js';
import { readDocument } from '../contracts/document.js';
import { parseContract } from '../contracts/parse-contract.js';
import type { Problem } from '../kernel/problem.js';
import { type DocumentSource, documentFormat, documentText } from './document-source.js';

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
export function loadContract(source: DocumentSource): { readonly contract: Contract; readonly text: string } {
  const text = documentText(source);
  const read = readDocument(text, documentFormat(text));
  if (!read.ok) throw new InvalidContract(read.error);
  const contract = parseContract(read.value);
  if (!contract.ok) throw new InvalidContract(contract.error);
  return { contract: contract.value, text };
}
