import type { Certificate } from '../../contracts/certificate.js';
import type { Identity } from '../identity/identity.js';
import type { NamedOpenings } from '../openings/opening-store.js';
import { ownerOf } from './decide-and-record.js';
import type { DecisionPorts } from './ports.js';

export interface ReadOpenings {
  /** Absent for anybody but the credential that asked for the decision. */
  readonly own?: NamedOpenings;
  /** Names of sealed values that nobody can open from here any more. */
  readonly gone: readonly string[];
}

/** What is left of the openings of a decision, for whoever asks. The one place where openings leave the vault. */
export async function readOpenings(
  { openings }: Pick<DecisionPorts, 'openings'>,
  { id, inputs }: Certificate,
  identity: Identity,
): Promise<ReadOpenings> {
  const { left, own } = await openings.find(id, ownerOf(identity));
  const kept = new Set(left);
  const gone = Object.keys(inputs.commitments).filter((name) => !kept.has(name));
  return own === undefined ? { gone } : { own, gone };
}
