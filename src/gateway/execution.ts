import type { Routed, ServiceReference } from '../contracts/certificate.js';
import type { Contract } from '../contracts/contract.js';
import { Defect, Fault } from '../kernel/errors.js';
import { type AnswerLimits, defaultAnswerLimits } from './answer-body.js';
import { runAttempt } from './attempt.js';
import { callerGone, deadlineMissed } from './cutoff.js';
import type { Attempt, Call, DecidedChain, ExecutionPorts, ExecutionResult } from './port.js';
import { protocols } from './protocols.js';
import type { Transmission } from './transmission.js';

export type * from './port.js';

/**
 * Executes a routed decision (calculus step 10): calls the services of the certified chain in order until one answers,
 * within `promise.deadline_micros` for all of it and `fallback.deadline_micros` for each but the last. Falls back only while
 * nothing has reached the caller. Nothing below retries or follows redirects, so every transmission is an `attempt` of ours.
 *
 * Throws only what a port threw, and a Defect when decision and chain do not belong together.
 */
export async function executeDecision(
  decided: DecidedChain,
  call: Call,
  ports: ExecutionPorts,
  limits: AnswerLimits = defaultAnswerLimits,
): Promise<ExecutionResult> {
  const { outcome } = decided.certificate;
  if (outcome.decision !== 'routed') throw new Defect('internal', 'a refusal is not executed');
  const started = ports.now();
  const remaining = () => outcome.promise.deadline_micros - (ports.now() - started);

  const attempts: Attempt[] = [];
  let fault: Fault | undefined;
  for (const [rank, service] of outcome.chain.entries()) {
    if (call.signal.aborted) return { kind: 'failed', fault: callerGone(), attempts };
    if (remaining() <= 0) return { kind: 'failed', fault: deadlineMissed(service.service), attempts };
    const prepared = await prepare(decided, outcome, rank, call, ports);
    if (prepared instanceof Fault) {
      attempts.push({ rank, service, outcome: { kind: 'not_sent', latencyMicros: 0, code: prepared.code } });
      fault = prepared;
      continue;
    }
    const last = rank === outcome.chain.length - 1;
    const own = last ? undefined : decided.certificate.inputs.request.fallback?.deadline_micros;
    const scope = { rank, service, transmission: prepared, attempts, call, ports, limits };
    const ended = await runAttempt(scope, remaining, own);
    if (!(ended instanceof Fault)) return ended;
    fault = ended;
    if (fault.code === 'caller_gone') break;
  }
  return { kind: 'failed', fault: fault ?? callerGone(), attempts };
}

/** Everything that can fail before a byte leaves. */
async function prepare(
  { certificate, chain }: DecidedChain,
  outcome: Routed,
  rank: number,
  call: Call,
  ports: ExecutionPorts,
): Promise<Transmission | Fault> {
  const contract = contractAt(chain, outcome.chain, rank);
  const protocol = protocols[contract.api.protocol];
  const { payload, stream } = call;
  const request = protocol.encode({ contract, certificate, promise: outcome.promise, payload, stream });
  if (!request.ok) {
    return new Fault('upstream_invalid', request.error, { retryable: false, subject: contract.id });
  }
  try {
    const secret =
      contract.api.secret === undefined
        ? {}
        : { secret: await ports.secrets.resolve(contract.api.secret, contract.api.url) };
    return {
      service: contract.id,
      protocolName: contract.api.protocol,
      signs: contract.api.result_key !== undefined,
      protocol,
      request: request.value,
      stream,
      ...secret,
    };
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

// INVARIANT(INV-CAIO-LOG-0003): only a service that the certificate names, at its rank, is ever called.
function contractAt(
  chain: readonly Contract[],
  certified: readonly ServiceReference[],
  rank: number,
): Contract {
  const contract = chain[rank];
  const reference = certified[rank];
  if (
    contract?.id !== reference?.service ||
    contract?.version !== reference?.version ||
    contract === undefined
  ) {
    throw new Defect('invariant_broken', 'the chain of contracts is not that of the certificate', {
      invariant: 'INV-CAIO-LOG-0003',
    });
  }
  return contract;
}
