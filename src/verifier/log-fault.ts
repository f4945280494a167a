// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { VerificationCode } from './falsehood.js';

export type LogFaultCode =
  // Section 1, and the tree.
  | 'entry_malformed'
  | 'genesis_misplaced'
  | 'genesis_of_another_log'
  /** The bundle holds another entry than the one whose hash the tree has. */
  | 'entry_rewritten'
  | 'tile_wrong'
  /** The entries do not hash to the root of the checkpoint. */
  | 'root_wrong'
  /** They do not begin with those of a checkpoint trusted from before: something before its size was changed, dropped, put in or moved. */
  | 'earlier_root_wrong'
  | 'log_went_back'
  | 'checkpoint_forged'
  | 'too_few_witnesses'
  // Section 2.
  | 'contract_changed'
  | 'policy_changed'
  | 'removal_of_nothing'
  | 'service_not_registered'
  | 'key_put_twice'
  | 'key_not_revocable'
  // Section 3.
  | 'state_outdated'
  | 'state_differs'
  | 'decision_twice'
  | 'decision_wrong'
  | 'caller_key_wrong'
  | 'attempt_without_decision'
  | 'attempt_outside_chain'
  | 'attempt_twice'
  | 'outcome_without_attempt'
  | 'outcome_of_another_service'
  | 'outcome_twice'
  | 'measured_wrong'
  | 'cost_wrong'
  | 'verdicts_wrong'
  | 'result_signature_wrong'
  // Section 4.
  | 'epoch_wrong'
  | 'epoch_not_due'
  | 'epoch_digest_wrong'
  | 'breaches_wrong'
  // Section 5.
  | 'breaker_wrong'
  // Section 6.
  | 'author_not_allowed'
  | 'change_missing'
  | 'change_wrong'
  | 'change_expired'
  | 'change_unsigned'
  // Section 8.
  | 'backdated'
  | 'assertion_false'
  | 'assertion_error';

/** What is false of the entry at hand. */
export type Claim = readonly [code: LogFaultCode, message: string];

export interface LogFault {
  readonly code: LogFaultCode;
  /** The entry; for one about the whole log, its size. */
  readonly index: number;
  readonly message: string;
  readonly decision?: string;
  /** Of `decision_wrong` and `entry_malformed`: what the verifier found, and where in the certificate or the entry. */
  readonly detail?: VerificationCode;
  readonly path?: string;
}
