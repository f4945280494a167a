import type { Capability, MicroRange, ParameterValue } from '../contracts/capability.js';

/** Same type, and every required parameter met (calculus 3.1.2). */
export function meetsCapability(offered: Capability, required: Capability): boolean {
  if (offered.type !== required.type) return false;
  for (const name of Object.keys(required.parameters)) {
    const offer = Object.hasOwn(offered.parameters, name) ? offered.parameters[name] : undefined;
    if (!meetsParameter(offer, required.parameters[name] as ParameterValue)) return false;
  }
  return true;
}

function meetsParameter(offered: ParameterValue | undefined, required: ParameterValue): boolean {
  if (required === false) return true;
  if (required === true) return offered === true;
  if (isSet(required)) return isSet(offered) && required.every((member) => offered.includes(member));
  return isRange(offered) && withinRange(offered, required);
}

/** Each stated end of the required range within the offered one; an end that is not offered does not bound. */
function withinRange(offered: MicroRange, required: MicroRange): boolean {
  const least = offered.min_micro ?? Number.NEGATIVE_INFINITY;
  const most = offered.max_micro ?? Number.POSITIVE_INFINITY;
  const within = (end: number | undefined) => end === undefined || (least <= end && end <= most);
  return within(required.min_micro) && within(required.max_micro);
}

function isSet(value: ParameterValue | undefined): value is readonly string[] {
  return Array.isArray(value);
}

function isRange(value: ParameterValue | undefined): value is MicroRange {
  return typeof value === 'object' && !Array.isArray(value);
}
