import type { Certificate } from '../../src/contracts/certificate.js';
import { canonicalText } from '../../src/kernel/canonical.js';
import { decide } from '../../src/orchestrator/decide.js';
import { buildSnapshot, type Snapshot } from '../../src/orchestrator/snapshot.js';
import { canonicalText as verifierText } from '../../src/verifier/canonical.js';
import { rederive, UnknownProfile } from '../../src/verifier/certificate.js';
import type { World } from '../generators/decision.js';

/** What the engine and the independent reference say to one question: canonical text of a certificate, or why there is none. */
export interface Answer {
  readonly engine: string;
  readonly verifier: string;
  /** The engine's. */
  readonly certificate?: Certificate;
}

/** Two implementations of the calculus under comparison; tests plant faults in one. */
export interface Programs {
  readonly decide: typeof decide;
  readonly rederive: typeof rederive;
}

export const programs: Programs = { decide, rederive };

/** One answer a question, in turn, on one snapshot: what the engine remembers from earlier questions must not show in later ones. */
export function answersOf(world: World, { decide, rederive }: Programs = programs): readonly Answer[] {
  const snapshot = snapshotOf(world);
  return world.questions.map((question) => {
    const decision = attempt(() => decide(question, snapshot));
    const again = attempt(() => rederive(world.state, question));
    const verifier = 'thrown' in again ? refusalOf(again.thrown) : verifierText(again.value);
    if ('thrown' in decision) return { engine: `${thrownMark}${decision.thrown}`, verifier };
    if (!decision.value.ok) {
      return { engine: decision.value.error.map(({ code }) => code).join(), verifier };
    }
    const { certificate } = decision.value.value;
    return { engine: canonicalText(certificate), verifier, certificate };
  });
}

export function snapshotOf({ before, state }: World): Snapshot {
  const previous = before === undefined ? undefined : built(buildSnapshot(before));
  return built(buildSnapshot(state, previous));
}

function built(result: ReturnType<typeof buildSnapshot>): Snapshot {
  if (!result.ok) throw new Error(`a generated state does not load: ${JSON.stringify(result.error)}`);
  return result.value;
}

function refusalOf(thrown: unknown): string {
  return thrown instanceof UnknownProfile ? 'unknown_profile' : `${thrownMark}${thrown}`;
}

function attempt<T>(run: () => T): { readonly value: T } | { readonly thrown: unknown } {
  try {
    return { value: run() };
  } catch (thrown) {
    return { thrown };
  }
}

const thrownMark = 'thrown: ';

export type Disagreement = 'differ' | 'throws';

/** The first question to which the two answer differently, or to which one of them has no answer. */
export function disagreementIn(
  answers: readonly Answer[],
): { readonly question: number; readonly kind: Disagreement } | undefined {
  for (const [question, { engine, verifier }] of answers.entries()) {
    const throws = engine.startsWith(thrownMark) || verifier.startsWith(thrownMark);
    if (throws) return { question, kind: 'throws' };
    if (engine !== verifier) return { question, kind: 'differ' };
  }
  return undefined;
}
