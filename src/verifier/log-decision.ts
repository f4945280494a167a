// Generated from notebooks/math/08_log_state.ipynb by scripts/notebooks/extract. Do not edit.
// biome-ignore-all format: the text is laid out in its notebook
// biome-ignore-all assist: the imports are in the order of the extraction

import type { Certificate } from './certificate-document.js';
import type { State } from './documents.js';
import { Falsehood } from './falsehood.js';
import { checkArithmetic } from './level-one.js';
import { checkOptimalIn } from './level-three.js';
import { checkCorrectIn } from './level-two.js';

/** The first thing that is false of a decision made on this state; nothing when it is right. */
export function decisionFalsehood(
  certificate: Certificate,
  state: State,
  level: 2 | 3,
): Falsehood | undefined {
  try {
    checkArithmetic(certificate);
    checkCorrectIn(certificate, state);
    if (level === 3) checkOptimalIn(certificate, state);
    return undefined;
  } catch (error) {
    if (error instanceof Falsehood) return error;
    throw error;
  }
}
