import type { DecisionRecord } from '../../contracts/bundle.js';
import type { DecisionEntry } from '../../log/entry.js';
import { proveEntry } from '../../log/prove-entry.js';
import type { Published } from '../../log/published.js';
import { type Failure, failure, invalid } from '../http/failure.js';
import type { DecisionPorts } from './ports.js';

/** A decision and its index. */
export interface Logged {
  readonly entry: DecisionEntry;
  readonly index: number;
}

export type RecordPorts = Pick<DecisionPorts, 'log' | 'witnessed'>;

/** Where the log has the decision, for a bundle of that level. A Failure while no checkpoint of that level has it. */
export async function recordOf(
  ports: RecordPorts,
  { entry, index }: Logged,
  level: 4 | 5,
): Promise<DecisionRecord | Failure> {
  const proof = await proofOf(ports, index, level);
  if (typeof proof !== 'string') return proof;
  const { time, attempt } = entry;
  return { entry: { time, ...(attempt === undefined ? {} : { attempt }) }, proof };
}

/** The tlog-proof of an entry under the newest checkpoint: at level 4 the log's own, at level 5 one that the quorum of witnesses has cosigned. */
export async function proofOf(
  { log, witnessed }: RecordPorts,
  index: number,
  level: 4 | 5,
): Promise<string | Failure> {
  if (level === 5 && witnessed === undefined) {
    const message = 'this log has no witnesses: there is no level above 4';
    return invalid('invalid_request', [{ code: 'query_invalid', path: '/level', message }]);
  }
  const checkpoint: Published | undefined = level === 4 ? log.published : witnessed?.newest;
  if (checkpoint === undefined || checkpoint.size <= index) {
    const who = level === 4 ? 'The log has not signed' : 'The witnesses have not cosigned';
    const detail = `${who} a checkpoint over this decision yet; ask again.`;
    return failure('unavailable', detail, { headers: { 'retry-after': '1' } });
  }
  return proveEntry(log.storage, index, checkpoint);
}
