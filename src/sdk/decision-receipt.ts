import type { DecisionRecord, Envelope } from '../contracts/bundle.js';
import { type VerificationReport, verify } from '../verifier/index.js';
import { checkRecorded, checkWitnessed, entryBytes, type FoundRecord } from '../verifier/level-four.js';
import { entryHash } from '../verifier/log-tree.js';
import type { Trace } from './answers.js';

/** What a caller keeps: that the log had this very decision. Canonical or not, it is JSON: store it as it is. */
export interface DecisionReceipt {
  readonly type: 'caio/decision-receipt/v1';
  /** The certificate, signed. */
  readonly envelope: Envelope;
  readonly record: DecisionRecord;
}

export interface ReceiptOptions {
  /** The operator's verifier key, obtained some other way than from the server. */
  readonly key: string;
  /** Keys of witnesses that must have cosigned, and how many of them; default: none, and all of those given. */
  readonly witnesses?: readonly string[];
  readonly quorum?: number;
}

/** Where the log had the decision. */
export interface FoundReceipt extends FoundRecord {
  readonly decision: string;
  /** Hash of the log's entry. */
  readonly leaf: Uint8Array;
}

/** A receipt that does not hold: what is false about it. */
export class ReceiptError extends Error {
  override readonly name = 'ReceiptError';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The receipt in what a server says of a decision, once it is verified. */
export async function receiptOf(
  trace: Trace,
  proof: string,
  options: ReceiptOptions,
): Promise<DecisionReceipt> {
  const { first_attempt: attempt, envelope, certificate } = trace;
  const entry = { time: certificate.inputs.time, ...(attempt === undefined ? {} : { attempt }) };
  const receipt = { type: 'caio/decision-receipt/v1', envelope, record: { entry, proof } } as const;
  await verifyReceipt(receipt, options);
  return receipt;
}

/** Checks a receipt offline: the signature, that the certificate adds up, and that the log had it where. Throws a ReceiptError. */
export async function verifyReceipt(
  receipt: DecisionReceipt,
  { key, witnesses, quorum }: ReceiptOptions,
): Promise<FoundReceipt> {
  const { envelope, record } = receipt;
  const report = await verify(JSON.stringify({ type: 'caio/bundle/v1', level: 1, envelope }), { key });
  const { certificate } = report;
  if (certificate === undefined) throw failureOf(report);
  try {
    const found = await checkRecorded(certificate, record, key);
    if (witnesses !== undefined) await checkWitnessed(record, key, witnesses, quorum ?? witnesses.length);
    return { ...found, decision: certificate.id, leaf: entryHash(entryBytes(certificate, record)) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    throw code === undefined ? error : new ReceiptError(code, (error as Error).message);
  }
}

function failureOf({ levels }: VerificationReport): ReceiptError {
  const failure = levels.find((level) => level.failure !== undefined)?.failure;
  return new ReceiptError(failure?.code ?? 'malformed', failure?.message ?? 'no certificate');
}
