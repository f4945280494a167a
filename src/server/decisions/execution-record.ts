import type { Routed, ServiceReference } from '../../contracts/certificate.js';
import type { AttemptOutcome, RecordedAttempt } from '../../gateway/port.js';
import { Defect, type FaultCode } from '../../kernel/errors.js';
import { entryType } from '../../log/entry.js';
import type { EventsAppended } from '../../log/log.js';
import { signReceipt } from '../../log/receipt.js';
import type { Decision } from '../../orchestrator/decide.js';
import { checkpointSigner } from '../open-server-log.js';
import type { Recorded } from './decide-and-record.js';
import type { ExecutionHooks } from './executor.js';
import { outcomeEntry } from './outcome-entry.js';
import type { DecisionPorts } from './ports.js';

type Ports = Pick<
  DecisionPorts,
  'log' | 'clock' | 'random' | 'metrics' | 'openings' | 'outcomeRecorded' | 'signingKey'
>;

/** Writes the attempts and outcomes of one execution into the log. Every method rejects with the log's faults. */
export class ExecutionRecord implements ExecutionHooks {
  readonly #ports: Ports;
  readonly #recorded: Recorded;
  readonly #decision: Decision;
  readonly #outcome: Routed;
  readonly #spanEnd: number;
  readonly #salts = new Map<number, Uint8Array>();
  /** The attempt that is durable with the decision itself, until it is made. */
  #riding = true;

  constructor(ports: Ports, recorded: Recorded, outcome: Routed) {
    this.#ports = ports;
    this.#recorded = recorded;
    this.#decision = recorded.decision;
    this.#outcome = outcome;
    if (recorded.spanEnd === undefined) {
      throw new Defect('internal', 'a decision that was not recorded as one that is executed');
    }
    this.#spanEnd = recorded.spanEnd;
  }

  async attempt(rank: number, service: ServiceReference): Promise<RecordedAttempt> {
    if (rank === 0 && this.#riding) {
      this.#riding = false;
      return this.#receiptOf(rank, service, this.#recorded);
    }
    const { log, clock } = this.#ports;
    const { id } = this.#decision.certificate;
    const time = clock.wallMicros();
    const entry = { type: entryType, kind: 'attempt', time, decision: id, rank, service } as const;
    return this.#receiptOf(rank, service, await log.appendEvents([entry], this.#spanEnd));
  }

  /** Signed only once the attempt is durable: it says so. */
  #receiptOf(rank: number, { service }: ServiceReference, at: EventsAppended): RecordedAttempt {
    const { index, attemptNumber: number } = at;
    if (number === undefined) throw new Defect('invariant_broken', 'an attempt has no number');
    const { id } = this.#decision.certificate;
    const signer = checkpointSigner(this.#ports.signingKey);
    const note = signReceipt({ service, number, index, decision: id, rank }, signer);
    return { receipt: Buffer.from(note).toString('base64') };
  }

  resultSalt(rank: number): Uint8Array {
    const salt = this.#ports.random(32);
    this.#salts.set(rank, salt);
    return salt;
  }

  async outcome(rank: number, ended: AttemptOutcome): Promise<void> {
    const { log, clock, metrics, outcomeRecorded } = this.#ports;
    const { id } = this.#decision.certificate;
    const service = this.#outcome.chain[rank];
    const contract = this.#decision.chain[rank];
    if (service === undefined || contract === undefined) {
      throw new Defect('internal', `no service has rank ${rank}`);
    }
    const { promise } = this.#outcome;
    const attempt = { decision: id, rank, service, contract, promise };
    const entry = outcomeEntry(attempt, ended, clock.wallMicros());
    metrics.attempted(entry.measured);
    const kept = entry.result === undefined ? undefined : this.#keepSalt(id, rank);
    await Promise.all([kept, log.appendEvents([entry], this.#spanEnd)]);
    outcomeRecorded();
  }

  /**
   * Once nothing more is sent: where the attempt that rides in the decision was never made, the log says so, and it does not count as
   * disclosed. `code` says why.
   */
  async settle(code: FaultCode | undefined): Promise<void> {
    if (!this.#riding) return;
    this.#riding = false;
    await this.outcome(0, { kind: 'not_sent', latencyMicros: 0, ...(code === undefined ? {} : { code }) });
  }

  /** Next to the decision's other salts, and before the commitment stands in the log. Where those are gone, this one goes too. */
  /** Whatever is executed has a payload that is committed to. */
  async #keepSalt(decision: string, rank: number): Promise<void> {
    const salt = this.#salts.get(rank);
    if (salt === undefined) return;
    const opening = { salt: Buffer.from(salt).toString('hex') };
    await this.#ports.openings.putBeside(decision, 'payload', `result.${rank}`, opening);
  }
}
