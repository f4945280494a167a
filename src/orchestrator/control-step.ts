import type { Routed } from '../contracts/certificate.js';
import type { Brand } from '../kernel/brand.js';
import type { Optimised } from './optimise.js';

interface ControlledTrail {
  readonly optimised: Optimised;
  readonly control: Routed['control'];
}
export type Controlled = Brand<ControlledTrail, 'controlled'>;

/** Step 6: the control signal to the intent engine. No field is given, so there is no band to act on: κ′ = 0 and u = []. */
export function control(optimised: Optimised): Controlled {
  return { optimised, control: { kappa_ppm: 0, u: [] } } as unknown as Controlled;
}
