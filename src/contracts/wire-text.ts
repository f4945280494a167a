import { formatDecimal } from '../kernel/micro.js';

/**
 * Wire documents as text. Formatters build a tree of plain values and exact decimals; a number of JavaScript would not do, for the nearest
 * double of 9007199254.740991 prints as 9007199254.74099.
 */
export type WireTree =
  | string
  | number
  | boolean
  | null
  | Decimal
  | readonly WireTree[]
  | { readonly [name: string]: WireTree | undefined };

/** Units of 10^-places, written out in full. */
export class Decimal {
  constructor(
    readonly units: number,
    readonly places: number,
  ) {}

  toString(): string {
    return formatDecimal(this.units, this.places);
  }
}

export function decimal(units: number, places: number): Decimal;
export function decimal(units: number | undefined, places: number): Decimal | undefined;
export function decimal(units: number | undefined, places: number): Decimal | undefined {
  return units === undefined ? undefined : new Decimal(units, places);
}

/** JSON text (which is YAML, too), members in the order of the tree, two spaces a level, absent members left out, ending in a line feed. */
export function wireText(tree: WireTree): string {
  return `${write(tree, '')}\n`;
}

function write(tree: WireTree, indent: string): string {
  if (tree instanceof Decimal) return tree.toString();
  if (typeof tree !== 'object' || tree === null) return JSON.stringify(tree);
  const inner = `${indent}  `;
  if (isList(tree)) {
    if (tree.length === 0) return '[]';
    if (tree.every((item) => typeof item !== 'object'))
      return `[${tree.map((item) => write(item, inner)).join(', ')}]`;
    return `[\n${tree.map((item) => inner + write(item, inner)).join(',\n')}\n${indent}]`;
  }
  const members: string[] = [];
  for (const name of Object.keys(tree)) {
    const value = tree[name];
    if (value !== undefined) members.push(`${inner}${JSON.stringify(name)}: ${write(value, inner)}`);
  }
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`;
}

function isList(tree: object): tree is readonly WireTree[] {
  return Array.isArray(tree);
}
