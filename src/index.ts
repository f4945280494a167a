/**
 * CAIO: contracts in, one admissible service out, with a certificate that anyone can re-derive.
 *
 * The decision is one pure function. A program that decides does this, in this order:
 *
 * 1. `readDocument` and `parseContract`, `parsePolicy`, `parseRequest`, … turn texts into checked, normalised documents, or into problems with
 *    path, line and column;
 * 2. `buildSnapshot(state)` makes a state ready, and `buildSnapshot(state, previous)` the next one cheaply;
 * 3. `sealRequest` splits a request into its clear part and commitments to the rest;
 * 4. `decide(inputs, snapshot)` gives the certificate and the contracts that may be called;
 * 5. `signCertificate` and `packBundle` make what a verifier needs (`caio/verifier`, which shares no code with this);
 *    `explain` tells people.
 *
 * Nothing here reads a clock, a file, a socket or a random number.
 */
export type * from './contracts/bundle.js';
export type * from './contracts/caller.js';
export type * from './contracts/capability.js';
export * from './contracts/certificate.js';
export * from './contracts/contract.js';
export { defaultParameters } from './contracts/default-parameters.js';
export {
  availabilityRowDigest,
  contractDigest,
  historyRowDigest,
  parametersDigest,
  policyDigest,
  requestDigest,
} from './contracts/digests.js';
export { readDocument } from './contracts/document.js';
export * from './contracts/guarantee.js';
export type * from './contracts/parameters.js';
export { parseAvailability } from './contracts/parse-availability.js';
export { parseCaller } from './contracts/parse-caller.js';
export { parseContract } from './contracts/parse-contract.js';
export { parseHistory } from './contracts/parse-history.js';
export { parseParameters } from './contracts/parse-parameters.js';
export { parsePolicy } from './contracts/parse-policy.js';
export { parseRequest } from './contracts/parse-request.js';
export { parseSalts } from './contracts/parse-salts.js';
export * from './contracts/policy.js';
export * from './contracts/request.js';
export type * from './contracts/state.js';
export { canonicalBytes, canonicalText } from './kernel/canonical.js';
export type { Digest } from './kernel/digest.js';
export { Defect, type ErrorCode, errorTable, Fault } from './kernel/errors.js';
export type { SourceDocument } from './kernel/json.js';
export type { Problem } from './kernel/problem.js';
export { err, ok, type Result } from './kernel/result.js';
export { type Decision, decide } from './orchestrator/decide.js';
export { explain } from './orchestrator/explain.js';
export type { Explanation } from './orchestrator/explanation.js';
export type { DecisionInputs } from './orchestrator/question.js';
export { namesToSeal, type Salts, type Sealed, sealRequest } from './orchestrator/seal.js';
export { buildSnapshot, type Snapshot } from './orchestrator/snapshot.js';
export { packBundle } from './proofs/bundle.js';
export { signCertificate } from './proofs/envelope.js';
export {
  formatSigningKey,
  parseSigningKey,
  type SigningKey,
  signingKeyOf,
  verifierKeyOf,
} from './proofs/signing-key.js';
