import type { SourceDocument } from '../kernel/json.js';
import { appendPointer } from '../kernel/pointer.js';
import type { Capability, ParameterValue } from './capability.js';
import { exactUnits } from './exact-units.js';
import {
  type Bounds,
  type Guarantee,
  type GuaranteeProperty,
  type Guarantees,
  guaranteeProperties,
  type PropertyDefinition,
} from './guarantee.js';
import { mapEntries, present } from './present.js';
import { textSet } from './text-set.js';
import type { WireBound, WireCapability, WireParameter } from './wire.js';

/** What contracts and requests share: capabilities and guarantees. The schema has been checked. */
export function capabilitiesOf(
  document: SourceDocument,
  path: string,
  capabilities: readonly WireCapability[],
): readonly Capability[] {
  return capabilities.map(({ type, parameters }, index) => ({
    type,
    parameters: mapEntries(parameters, (value, name) =>
      parameterOf(document, `${path}/${index}/parameters/${name}`, value),
    ),
  }));
}

/** A text or list is a set, a flag a flag, a number the range of just that number. */
function parameterOf(document: SourceDocument, path: string, value: WireParameter): ParameterValue {
  switch (typeof value) {
    case 'string':
      return [value];
    case 'boolean':
      return value;
    case 'number': {
      const micro = exactUnits(document, path, value, 6);
      return { min_micro: micro, max_micro: micro };
    }
    default: {
      if (isList(value)) return textSet(value);
      const { min, max } = value;
      return present({
        min_micro: min === undefined ? undefined : exactUnits(document, `${path}/min`, min, 6),
        max_micro: max === undefined ? undefined : exactUnits(document, `${path}/max`, max, 6),
      });
    }
  }
}

function isList(value: readonly string[] | object): value is readonly string[] {
  return Array.isArray(value);
}

/** Bounds under their inner names, in integers. */
export function boundsOf(
  document: SourceDocument,
  path: string,
  wire: { readonly [name: string]: WireBound } | undefined,
): Bounds {
  return guaranteesOf(document, path, wire);
}

/** `boundsOf`, with how each promise is measured and where it is from. */
export function guaranteesOf(
  document: SourceDocument,
  path: string,
  wire: { readonly [name: string]: WireBound } | undefined,
): Guarantees {
  const guarantees: { [P in GuaranteeProperty]?: Guarantee } = {};
  for (const name in wire) {
    const property = propertyOfWire.get(name);
    const bound = wire[name];
    if (property === undefined || bound === undefined) continue;
    const { operator, places } = guaranteeProperties[property] as PropertyDefinition;
    const { min: _min, max: _max, equals: _equals, ...source } = bound;
    const value = exactUnits(
      document,
      appendPointer(`${path}/${name}`, operator),
      Number(bound[operator]),
      places,
    );
    guarantees[property] = { [operator]: value, ...source };
  }
  return guarantees;
}

const propertyOfWire: ReadonlyMap<string, GuaranteeProperty> = new Map(
  (Object.keys(guaranteeProperties) as GuaranteeProperty[]).map((name) => [
    guaranteeProperties[name].wire,
    name,
  ]),
);
