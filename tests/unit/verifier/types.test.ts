import { describe, expect, it } from 'vitest';
import type * as ContractsBundle from '../../../src/contracts/bundle.js';
import type { Caller } from '../../../src/contracts/caller.js';
import {
  type Certificate,
  exclusionCodes,
  type Promised,
  steps,
} from '../../../src/contracts/certificate.js';
import type { Contract } from '../../../src/contracts/contract.js';
import { guaranteeProperties } from '../../../src/contracts/guarantee.js';
import type { Parameters } from '../../../src/contracts/parameters.js';
import type { Policy } from '../../../src/contracts/policy.js';
import type { Request } from '../../../src/contracts/request.js';
import type { AvailabilityRow, HistoryRow, State } from '../../../src/contracts/state.js';
import type * as Log from '../../../src/log/entry.js';
import type { KeyRecord } from '../../../src/log/key-record.js';
import type * as VerifierBundle from '../../../src/verifier/bundle.js';
import type * as VerifierCertificate from '../../../src/verifier/certificate-document.js';
import { stepCodes, stepOrder } from '../../../src/verifier/certificate-document.js';
import type * as Verifier from '../../../src/verifier/documents.js';
import { properties, vocabulary } from '../../../src/verifier/documents.js';
import type * as VerifierLog from '../../../src/verifier/log-entry.js';

// The reference declares its own document types. Each pair below compiles only while a value of either type is a value
// of the other; `npm run types` is where it goes red.
type Both<Theirs, Ours> = [Theirs] extends [Ours] ? ([Ours] extends [Theirs] ? true : never) : never;

const mutuallyAssignable: readonly true[] = [
  true satisfies Both<Request, Verifier.Request>,
  true satisfies Both<Caller, Verifier.Caller>,
  true satisfies Both<Contract, Verifier.Contract>,
  true satisfies Both<Policy, Verifier.Policy>,
  true satisfies Both<Parameters, Verifier.Parameters>,
  true satisfies Both<HistoryRow, Verifier.HistoryRow>,
  true satisfies Both<AvailabilityRow, Verifier.AvailabilityRow>,
  true satisfies Both<State, Verifier.State>,
  true satisfies Both<Promised, VerifierCertificate.Promised>,
  true satisfies Both<Certificate, VerifierCertificate.Certificate>,
  true satisfies Both<ContractsBundle.Envelope, VerifierBundle.Envelope>,
  true satisfies Both<ContractsBundle.MemberEvidence, VerifierBundle.MemberEvidence>,
  true satisfies Both<ContractsBundle.Bundle, VerifierBundle.Bundle>,
  true satisfies Both<KeyRecord, VerifierLog.KeyRecord>,
  true satisfies Both<Log.StateEntry, VerifierLog.StateEntry>,
  true satisfies Both<Log.LogEntry, VerifierLog.LogEntry>,
];

// @ts-expect-error the comparison can fail: a request is not a caller.
const notAssignable: Both<Request, Verifier.Caller> = true;

describe('the documents of the verifier', () => {
  it('have the types of the contracts', () => {
    expect(mutuallyAssignable).toHaveLength(16);
    expect(notAssignable).toBe(true);
  });

  it('share the guarantee vocabulary', () => {
    const theirs = Object.entries(guaranteeProperties).map(([name, { operator, kind }]) => [
      name,
      { operator, kind },
    ]);
    expect(Object.entries(vocabulary)).toEqual(theirs);
    expect(properties).toHaveLength(15);
  });

  it('share the steps and their codes', () => {
    expect(stepOrder).toEqual(steps);
    expect(stepCodes).toEqual(exclusionCodes);
  });
});
