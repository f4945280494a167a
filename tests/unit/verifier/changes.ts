// Every single change of a JSON value: a leaf given another value, a field or element removed, a field added, an element
// repeated, two neighbours swapped.

type Tree = { [name: string]: unknown };

export interface Change {
  readonly what: string;
  readonly changed: unknown;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (!isTree(value)) return [path];
  return [path, ...Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]))];
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((part, name) => (part as Tree)[name], value);
}

function otherThan(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  const old = String(value);
  return /^[0-9a-f]{8,}$/.test(old) ? `${old[0] === '0' ? '1' : '0'}${old.slice(1)}` : `${old}x`;
}

export function* changesOf(value: unknown): Generator<Change> {
  for (const path of pathsOf(value)) {
    const here = `/${path.join('/')}`;
    const part = at(value, path);
    if (!isTree(part)) {
      yield {
        what: `${here} changed`,
        changed: edited(value, path.slice(0, -1), (parent) => change(parent, path)),
      };
      continue;
    }
    for (const name of Object.keys(part)) {
      yield { what: `${here}: ${name} removed`, changed: edited(value, path, (tree) => remove(tree, name)) };
    }
    if (!Array.isArray(part)) {
      yield {
        what: `${here}: a field added`,
        changed: edited(value, path, (tree) => set(tree, 'unknown_field', 1)),
      };
      continue;
    }
    const [first] = part;
    if (first !== undefined) {
      yield { what: `${here}: first repeated`, changed: edited(value, path, (tree) => push(tree, first)) };
    }
    if (part.length > 1 && JSON.stringify(part[0]) !== JSON.stringify(part[1])) {
      yield { what: `${here}: two swapped`, changed: edited(value, path, swap) };
    }
  }
}

function edited(value: unknown, path: readonly string[], edit: (part: Tree) => void): unknown {
  const copy = structuredClone(value);
  edit(at(copy, path) as Tree);
  return copy;
}

function change(parent: Tree, path: readonly string[]): void {
  const name = path.at(-1) ?? '';
  parent[name] = otherThan(parent[name]);
}

function remove(tree: Tree, name: string): void {
  if (Array.isArray(tree)) tree.splice(Number(name), 1);
  else delete tree[name];
}

function set(tree: Tree, name: string, value: unknown): void {
  tree[name] = value;
}

function push(tree: Tree, value: unknown): void {
  (tree as unknown as unknown[]).push(structuredClone(value));
}

function swap(tree: Tree): void {
  [tree[0], tree[1]] = [tree[1], tree[0]];
}
