import type { Capability, ParameterValue } from '../../src/contracts/capability.js';
import type { Request } from '../../src/contracts/request.js';
import { drawNumber } from './drawn-numbers.js';
import { capabilityTypes, drawRequired } from './drawn-request.js';
import type { Random } from './random.js';
import { asSortedSet } from './sorted-set.js';
import type { Vocabulary } from './vocabulary.js';

/** What a service offers: what is required, often exactly; spoiled capabilities are missing, spoiled parameters missing or too narrow. */
export function drawCapabilities(
  random: Random,
  words: Vocabulary,
  { requirements }: Request,
  spoiled: () => boolean,
): Capability[] {
  const offered: Capability[] = [];
  for (const required of requirements.capabilities) {
    if (spoiled()) continue;
    offered.push({ type: required.type, parameters: drawOffered(random, words, required, spoiled) });
  }
  if (offered.length === 0 || random.chance(0.2)) offered.push(drawRequired(random, words));
  if (random.chance(0.1)) offered.push({ type: random.pick(capabilityTypes), parameters: {} });
  return offered;
}

function drawOffered(
  random: Random,
  words: Vocabulary,
  required: Capability,
  spoiled: () => boolean,
): Capability['parameters'] {
  const parameters: { [name: string]: ParameterValue } = {};
  for (const [name, value] of Object.entries(required.parameters)) {
    if (value === false && random.chance(0.5)) continue;
    if (!spoiled()) parameters[name] = drawMeeting(random, words, value);
    else if (random.chance(0.5)) parameters[name] = drawSpoiledParameter(random, words, value);
  }
  return parameters;
}

/** An offer that meets the requirement, often exactly. */
function drawMeeting(random: Random, words: Vocabulary, required: ParameterValue): ParameterValue {
  if (typeof required === 'boolean') return required || random.chance(0.5);
  if (isSet(required)) return asSortedSet([...required, ...random.some(words.languages, 0.3)]);
  const { min_micro: low = required.max_micro ?? 0, max_micro: high = low } = required;
  const least = random.chance(0.5) ? low : drawNumber(random, -(2 ** 53 - 1), low);
  const most = random.chance(0.5) ? high : drawNumber(random, high, 2 ** 53 - 1);
  if (random.chance(0.2)) return { min_micro: least };
  return random.chance(0.2) ? { max_micro: most } : { min_micro: least, max_micro: most };
}

/** Of another kind, or a little too narrow. */
function drawSpoiledParameter(random: Random, words: Vocabulary, required: ParameterValue): ParameterValue {
  if (random.chance(0.3)) return random.pick([true, random.some(words.languages, 0.3), { max_micro: 0 }]);
  if (typeof required === 'boolean') return false;
  if (isSet(required)) return random.some(required, 0.5);
  const { min_micro: low = required.max_micro ?? 0, max_micro: high = low } = required;
  return low < 2 ** 53 - 1 && random.chance(0.5)
    ? { min_micro: low + 1 }
    : { max_micro: Math.max(high - 1, -(2 ** 53 - 1)) };
}

function isSet(value: ParameterValue): value is readonly string[] {
  return Array.isArray(value);
}
