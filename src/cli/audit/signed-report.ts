import type { AuditReport } from '../../auditor/report.js';
import { canonicalBytes } from '../../kernel/canonical.js';
import { preAuthentication } from '../../proofs/envelope.js';
import type { SigningKey } from '../../proofs/signing-key.js';

export const reportPayloadType = 'application/vnd.caio.audit-report+json';

/** The canonical bytes of a report in a DSSE envelope, signed by whoever audited. Deterministic. */
export function signReport(report: AuditReport, key: SigningKey) {
  const payload = canonicalBytes(report);
  const signature = key.sign(preAuthentication(reportPayloadType, payload));
  return {
    payloadType: reportPayloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ keyid: key.id, sig: Buffer.from(signature).toString('base64') }],
  };
}
