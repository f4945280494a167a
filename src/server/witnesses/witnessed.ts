import type { Published } from '../../log/published.js';

/** What witnesses have seen of the log. */
export interface Witnessed {
  /** The newest checkpoint that the quorum has cosigned, with the cosignatures; `undefined` before the first. */
  readonly newest: Published | undefined;
}
