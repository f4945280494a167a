import type { Published } from '../../log/published.js';

/** What witnesses have seen of the log. */
export interface Witnessed {
  /** The newest checkpoint that the quorum has cosigned, with the cosignatures; `undefined` before the first. */
  readonly newest: Published | undefined;
  /** The size that each witness has cosigned last, as far as is known, by the name of its key. */
  readonly sizes: ReadonlyMap<string, number>;
  /** How often each was asked, by how that ended. */
  readonly submissions: readonly Submissions[];
}

export interface Submissions {
  readonly witness: string;
  readonly result: string;
  readonly count: number;
}
