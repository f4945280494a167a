// Generated from notebooks/math/05_untrusted_documents.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import { stepCodes, stepOrder } from './certificate-document.js';
import { callerShape, composedBounds, hashShape, idShape, requestShape } from './document-shapes.js';
import type { Shape } from './shape.js';
import { anyInteger, integer, listOf, mapOf, matching, natural, object, oneOf, setOf, text } from './shape.js';

const stepName = oneOf(...stepOrder);
const codeName = oneOf(...Object.values(stepCodes).flat());
const commitmentName = matching(
  /^(?:payload|request\.subject|caller\.subject|context\..+)$/s,
  'payload, request.subject, caller.subject or context.<field>',
);

const inputs = object({
  request: requestShape,
  request_digest: hashShape,
  commitments: mapOf(hashShape, commitmentName),
  caller: callerShape,
  time: anyInteger,
  seed: anyInteger,
  seed_origin: oneOf('caller', 'server'),
  state: object({
    registry: hashShape,
    policies: hashShape,
    parameters: hashShape,
    history: hashShape,
    history_from: natural,
    history_to: natural,
    history_rows: natural,
    availability: hashShape,
    availability_rows: natural,
    as_of: natural,
  }),
  provenance: object({ derived: listOf(text), opened: listOf(text), attested: listOf(text) }),
});

const funnel = object({
  registered: natural,
  steps: listOf(object({ step: stepName, entered: natural, left: natural }), 5, 5),
  exclusions: listOf(
    object({
      step: stepName,
      code: codeName,
      ref: text,
      count: integer(1, Number.MAX_SAFE_INTEGER),
      sample: setOf(idShape),
    }),
    0,
    32,
  ),
  other: natural,
});

const referenceFields = { service: idShape, version: text, contract: hashShape };
const ranked = object({
  ...referenceFields,
  terms: listOf(integer(0, 1_000_000), 9, 9),
  total: integer(0, 10 ** 12),
});

const routed = object({
  decision: oneOf('routed'),
  selected: object(referenceFields),
  route_class: oneOf('single', 'fallback_chain'),
  chain: listOf(object(referenceFields), 1, 3),
  constraints: object({
    budget: listOf(anyInteger, 0, 1),
    latency: listOf(anyInteger, 0, 1),
    safety: listOf(anyInteger, 3, 3),
    policy: listOf(anyInteger, 2, 2),
    traits: listOf(anyInteger, 3, 3),
  }),
  promise: object(
    {
      guarantees: composedBounds,
      locality: oneOf('on_device', 'local', 'region', 'cloud'),
      regions: setOf(),
      jurisdictions: setOf(),
      deadline_micros: natural,
    },
    { cost_micro_usd: natural },
  ),
  control: object({ kappa_ppm: oneOf(0), u: listOf(anyInteger, 0, 0) }),
});

const refused = object({
  decision: oneOf('refused'),
  step: stepName,
  nearest: listOf(
    object({ service: idShape, step: stepName, lacked: listOf(object({ code: codeName, ref: text }), 1, 4) }),
    0,
    8,
  ),
});

const outcome: Shape = (value, path) => {
  const isRouted = typeof value === 'object' && value !== null && 'selected' in value;
  (isRouted ? routed : refused)(value, path);
};

/** The shape of a certificate; what its numbers mean is checked by the levels. */
export const certificateShape = object({
  type: oneOf('caio/certificate/v1'),
  id: hashShape,
  inputs,
  funnel,
  rules: object({ total: natural, fired: natural, first: listOf(text, 0, 16) }),
  ranking: object({ considered: natural, best: listOf(ranked, 0, 16) }),
  outcome,
  proofs: listOf(object({ property: text, statement: text, evidence: listOf(text) })),
});
