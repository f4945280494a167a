import type { Capability, ParameterValue } from './capability.js';
import {
  type GuaranteeProperty,
  type Guarantees,
  guaranteeProperties,
  type PropertyDefinition,
} from './guarantee.js';
import { decimal, type WireTree } from './wire-text.js';

/** The wire form of what contracts and requests share; the inverse of `parse-requirements.ts`. */
export function formatCapabilities(capabilities: readonly Capability[]): WireTree {
  return capabilities.map(({ type, parameters }) => ({
    type,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, formatParameter(value)]),
    ),
  }));
}

function formatParameter(value: ParameterValue): WireTree {
  if (typeof value === 'boolean') return value;
  if ('min_micro' in value || 'max_micro' in value) {
    return { min: decimal(value.min_micro, 6), max: decimal(value.max_micro, 6) };
  }
  return [...(value as readonly string[])];
}

export function formatGuarantees(guarantees: Guarantees): WireTree {
  const wire: Record<string, WireTree> = {};
  for (const name of Object.keys(guarantees) as GuaranteeProperty[]) {
    const guarantee = guarantees[name];
    if (guarantee === undefined) continue;
    const definition: PropertyDefinition = guaranteeProperties[name];
    const { operator } = definition;
    const { min: _min, max: _max, equals: _equals, ...source } = guarantee;
    wire[definition.wire] = { [operator]: formatBound(definition, guarantee[operator] ?? 0), ...source };
  }
  return wire;
}

function formatBound({ kind, places }: PropertyDefinition, value: number): WireTree {
  return kind === 'flag' ? value === 1 : decimal(value, places);
}
