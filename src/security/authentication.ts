import type { Caller } from '../contracts/caller.js';
import type { exclusionCodes } from '../contracts/certificate.js';
import type { Parameters } from '../contracts/parameters.js';

type AuthenticationCode = (typeof exclusionCodes)['authentication'][number];

/**
 * What the recorded evidence lacks at time `t` (microseconds since the epoch), in order; empty when the caller is authentic (calculus 3.0).
 * The credential's own signature was checked when it was presented.
 */
export function authenticationFindings(
  caller: Caller,
  t: number,
  { authentication }: Parameters,
): readonly AuthenticationCode[] {
  const findings: AuthenticationCode[] = [];
  if (!authentication.methods.includes(caller.method)) findings.push('method_not_accepted');
  if (!authentication.issuers.includes(caller.issuer)) findings.push('issuer_unknown');
  if (caller.audience !== authentication.audience) findings.push('audience_wrong');
  if (t < caller.not_before) findings.push('credential_not_yet_valid');
  if (t >= caller.expires) findings.push('credential_expired');
  return findings;
}
