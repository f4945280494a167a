import { compareCodePoints } from './merkle.js';

interface Node<V> {
  readonly key: string;
  readonly value: V;
  readonly size: number;
  readonly left: Node<V> | undefined;
  readonly right: Node<V> | undefined;
}

/**
 * A map that never changes: `with` and `without` give another one that shares all but the path to the key. Sorted by code point, also where
 * it is walked. A weight-balanced tree (Adams 1993, with the weights of Hirai and Yamamoto 2011: 3 and 2): get, with and without
 * cost O(log n), with at most 2·log₂(n) new nodes.
 */
export class SortedMap<V> implements ReadonlyMap<string, V> {
  readonly root: Node<V> | undefined;

  private constructor(root: Node<V> | undefined) {
    this.root = root;
  }

  static empty<V>(): SortedMap<V> {
    return new SortedMap<V>(undefined);
  }

  get size(): number {
    return sizeOf(this.root);
  }

  get(key: string): V | undefined {
    return find(this.root, key)?.value;
  }

  has(key: string): boolean {
    return find(this.root, key) !== undefined;
  }

  with(key: string, value: V): SortedMap<V> {
    return new SortedMap(put(this.root, key, value));
  }

  /** The same map where the key is not in it. */
  without(key: string): SortedMap<V> {
    return this.has(key) ? new SortedMap(removeFrom(this.root as Node<V>, key)) : this;
  }

  keys(): MapIterator<string> {
    return this.#nodes()
      .map(({ key }) => key)
      .values();
  }

  values(): MapIterator<V> {
    return this.#nodes()
      .map(({ value }) => value)
      .values();
  }

  entries(): MapIterator<[string, V]> {
    return this.#nodes()
      .map(({ key, value }): [string, V] => [key, value])
      .values();
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  forEach(visit: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const { key, value } of this.#nodes()) visit(value, key, this);
  }

  #nodes(): Node<V>[] {
    const nodes: Node<V>[] = [];
    collect(this.root, nodes);
    return nodes;
  }
}

function sizeOf(node: Node<unknown> | undefined): number {
  return node === undefined ? 0 : node.size;
}

function find<V>(root: Node<V> | undefined, key: string): Node<V> | undefined {
  let node = root;
  while (node !== undefined) {
    const order = compareCodePoints(key, node.key);
    if (order === 0) return node;
    node = order < 0 ? node.left : node.right;
  }
  return undefined;
}

function put<V>(node: Node<V> | undefined, key: string, value: V): Node<V> {
  if (node === undefined) return { key, value, size: 1, left: undefined, right: undefined };
  const order = compareCodePoints(key, node.key);
  if (order === 0) return { ...node, value };
  return order < 0
    ? balanced(node, put(node.left, key, value), node.right)
    : balanced(node, node.left, put(node.right, key, value));
}

/** Of a tree that has the key. */
function removeFrom<V>(node: Node<V>, key: string): Node<V> | undefined {
  const { left, right } = node;
  const order = compareCodePoints(key, node.key);
  if (order < 0) return balanced(node, removeFrom(left as Node<V>, key), right);
  if (order > 0) return balanced(node, left, removeFrom(right as Node<V>, key));
  if (left === undefined) return right;
  if (right === undefined) return left;
  const next = leftmost(right);
  return balanced(next, left, removeFrom(right, next.key));
}

function leftmost<V>(node: Node<V>): Node<V> {
  return node.left === undefined ? node : leftmost(node.left);
}

function collect<V>(node: Node<V> | undefined, into: Node<V>[]): void {
  if (node === undefined) return;
  collect(node.left, into);
  into.push(node);
  collect(node.right, into);
}

type Subtree<V> = Node<V> | undefined;

/** Key and value of `top` over two trees of which one has just got or lost a node. */
function balanced<V>(top: Node<V>, left: Subtree<V>, right: Subtree<V>): Node<V> {
  const [l, r] = [sizeOf(left), sizeOf(right)];
  if (l + r <= 1) return join(top, left, right);
  if (right !== undefined && r > 3 * l) return rotateLeft(top, left, right);
  if (left !== undefined && l > 3 * r) return rotateRight(top, left, right);
  return join(top, left, right);
}

function join<V>({ key, value }: Node<V>, left: Subtree<V>, right: Subtree<V>): Node<V> {
  return { key, value, size: sizeOf(left) + sizeOf(right) + 1, left, right };
}

function rotateLeft<V>(top: Node<V>, left: Subtree<V>, right: Node<V>): Node<V> {
  const inner = right.left;
  if (inner === undefined || sizeOf(inner) < 2 * sizeOf(right.right)) {
    return join(right, join(top, left, inner), right.right);
  }
  return join(inner, join(top, left, inner.left), join(right, inner.right, right.right));
}

function rotateRight<V>(top: Node<V>, left: Node<V>, right: Subtree<V>): Node<V> {
  const inner = left.right;
  if (inner === undefined || sizeOf(inner) < 2 * sizeOf(left.left)) {
    return join(left, left.left, join(top, inner, right));
  }
  return join(inner, join(left, left.left, inner.left), join(top, inner.right, right));
}
