import type { Certificate, ExclusionGroup, Finding, RankedService, Step } from '../contracts/certificate.js';

/** A decision as people ask about it: how many services came how far, why the others did not, and what the scores were. */
export interface Explanation {
  readonly id: string;
  readonly decision: 'routed' | 'refused';
  /** registered → matched → rules → security → constraints → selected, with how many were there. */
  readonly funnel: readonly { readonly stage: string; readonly services: number }[];
  readonly exclusions: readonly (ExclusionGroup & { readonly reason: string })[];
  /** Excluded services in groups that the certificate does not list. */
  readonly other: number;
  readonly rules: Certificate['rules'];
  readonly ranking: readonly (Omit<RankedService, 'terms'> & {
    readonly rank: number;
    readonly terms: { readonly [term: string]: number };
  })[];
  readonly considered: number;
  readonly outcome: Certificate['outcome'];
  /** Of a refusal: the services that came furthest and what each lacked. */
  readonly nearest: readonly {
    readonly service: string;
    readonly step: Step;
    readonly lacked: readonly (Finding & { readonly reason: string })[];
  }[];
  /** Inputs that rest on the operator's word. */
  readonly attested: readonly string[];
  /** All of it as lines to read, the last one ended. */
  readonly text: string;
}
