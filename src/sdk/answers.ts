import type { Certificate, ServiceReference } from '../contracts/certificate.js';
import type { WireContract } from '../contracts/wire.js';

/** What the HTTP API answers (members of /openapi.json that the client reads). */

export interface Registered {
  readonly id: string;
  readonly version: string;
  /** Digest of the contract, the name it has in certificates. */
  readonly digest: string;
  readonly enabled: boolean;
  readonly contract?: WireContract;
}

/** Which services match, before rules, security and constraints have a say. */
export interface Discovered {
  readonly [member: string]: unknown;
}

/** A decision, routed or refused; `certificate` says everything about it. */
export interface Decided {
  readonly decision_id: string;
  readonly certificate: Certificate;
  readonly [member: string]: unknown;
}

/** A decision and what came of it. */
export interface Orchestrated extends Decided {
  /** The service that answered: the selected one, or another of its certified chain. */
  readonly service: ServiceReference;
  readonly result: unknown;
}
