import { parse } from 'yaml';

type Node = unknown;

/** What an external contract may say without a source: that data leaves for the cloud, the operator's judgement, the unit. */
const free = new Set(['/privacy/locality', '/alignment/risk', '/cost/unit']);
const parts = ['cost', 'constraints', 'guarantees', 'privacy', 'alignment'];

/**
 * Pointers of the figures and statements of a contract (YAML text) that say neither themselves nor in the object around them on which
 * page they were read and on which day. Knows nothing of the schema: a field that is added later is seen too.
 */
export function unsourcedFigures(text: string): readonly string[] {
  const contract = parse(text) as { readonly [part: string]: Node };
  return parts.flatMap((part) => unsourced(contract[part], `/${part}`, false));
}

function unsourced(node: Node, path: string, covered: boolean): readonly string[] {
  if (node === undefined || free.has(path)) return [];
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return covered ? [] : [path];
  const members = Object.entries(node);
  const { source, retrieved } = node as { readonly source?: Node; readonly retrieved?: Node };
  const sourced = /^https:\/\/\S+$/.test(String(source)) && /^\d{4}-\d\d-\d\d$/.test(String(retrieved));
  return members
    .filter(([name]) => name !== 'source' && name !== 'retrieved')
    .flatMap(([name, value]) => unsourced(value, `${path}/${name}`, covered || sourced));
}

/** How many prices and limits a contract states. */
export function figureCount(text: string): number {
  const contract = parse(text) as { readonly [part: string]: Node };
  const numbers = (node: Node): number =>
    typeof node === 'number'
      ? 1
      : typeof node === 'object' && node !== null
        ? Object.values(node).reduce((sum: number, value) => sum + numbers(value), 0)
        : 0;
  return numbers(contract.cost) + numbers(contract.constraints);
}
