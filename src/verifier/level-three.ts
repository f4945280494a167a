// Generated from notebooks/math/06_verification.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { BundleLevel3 } from './bundle.js';
import type { Certificate } from './certificate-document.js';
import { rederive } from './certificate.js';
import type { SetItem } from './digest.js';
import { digest, setRoot } from './digest.js';
import type { State } from './documents.js';
import type { VerificationCode } from './falsehood.js';
import { expectSame } from './falsehood.js';
import { expectEqual } from './level-one.js';

/** Bundles from level 3 on hold all of it. */
type WholeState = Omit<BundleLevel3, 'level'>;

/** The whole certificate again from the whole state: every part must be equal, to the byte. */
export function checkOptimal(certificate: Certificate, bundle: WholeState): void {
  checkRoots(certificate, bundle);
  const { history_from: from, history_to: to, as_of } = certificate.inputs.state;
  const { contracts, policies, parameters, availability } = bundle;
  const history = { from, to, rows: bundle.history };
  checkOptimalIn(certificate, { contracts, policies, parameters, history, availability, as_of });
}

/** The same from a state that is known to be the one whose digests the certificate names. */
export function checkOptimalIn(certificate: Certificate, state: State): void {
  const { inputs } = certificate;
  const again = rederive(state, {
    request: inputs.request,
    commitments: inputs.commitments,
    caller: inputs.caller,
    time: inputs.time,
    seed: inputs.seed,
    seedOrigin: inputs.seed_origin,
  });
  for (const [part, code] of Object.entries(parts) as [keyof Certificate, VerificationCode][]) {
    expectEqual(code, `/${part}`, again[part], certificate[part]);
  }
}

const parts: { readonly [part in keyof Certificate]: VerificationCode } = {
  type: 'malformed',
  inputs: 'inputs_wrong',
  id: 'id_wrong',
  funnel: 'funnel_wrong',
  rules: 'rules_wrong',
  ranking: 'ranking_wrong',
  outcome: 'outcome_wrong',
  proofs: 'statements_wrong',
};

/** The sets of the bundle are the sets the certificate names. */
function checkRoots(certificate: Certificate, bundle: WholeState): void {
  const { state } = certificate.inputs;
  const contracts = bundle.contracts.map((v) => ({ id: v.id, digest: digest('caio/contract/v1', v) }));
  const history = bundle.history.map((v) => ({ id: v.service, digest: digest('caio/history-row/v1', v) }));
  const availability = bundle.availability.map((v) => ({
    id: v.service,
    digest: digest('caio/availability-row/v1', v),
  }));
  const sets: readonly (readonly [VerificationCode, string, string, readonly SetItem[]])[] = [
    ['registry_root_wrong', '/contracts', state.registry, contracts],
    ['history_root_wrong', '/history', state.history, history],
    ['availability_root_wrong', '/availability', state.availability, availability],
  ];
  for (const [code, path, root, items] of sets) expectSame(code, path, root, setRoot(items));
}
