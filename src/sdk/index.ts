/** `caio/sdk`: implement a service, or use CAIO. */
export type { Certificate, Finding, Funnel, Promised, ServiceReference } from '../contracts/certificate.js';
export type { Contract } from '../contracts/contract.js';
export type { WireContract, WireRequestDocument } from '../contracts/wire.js';
export type { Problem } from '../kernel/problem.js';
export type { VerificationReport } from '../verifier/index.js';
export type * from './answers.js';
export {
  CaioError,
  InvalidError,
  type ProblemDetails,
  RefusedError,
  UnavailableError,
} from './caio-error.js';
export { CaioClient, type CaioClientOptions, type ChangeOptions } from './client.js';
export { InvalidContract } from './contract-source.js';
export {
  type DecisionReceipt,
  ReceiptError,
  type ReceiptOptions,
  verifyReceipt,
} from './decision-receipt.js';
export type { DocumentSource } from './document-source.js';
export { resultKeyOf } from './result-signer.js';
export type { ResultStream } from './result-stream.js';
export { defineService, type Service, type ServiceDefinition } from './service.js';
export {
  PayloadRefused,
  type ServiceAnswer,
  type ServiceRequest,
  type Usage,
  type Verdict,
} from './service-protocol.js';
