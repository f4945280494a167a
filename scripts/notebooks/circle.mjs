// Circles in a graph of names: modules, and notebooks, must not need each other.

/**
 * A walk that comes back to its beginning, or undefined when there is none.
 * @param {ReadonlyMap<string, ReadonlySet<string>>} uses
 * @returns {string[] | undefined}
 */
export function findCircle(uses) {
  /** @type {Set<string>} */
  const done = new Set();
  /**
   * @param {string} at
   * @param {string[]} trail
   * @returns {string[] | undefined}
   */
  const walk = (at, trail) => {
    if (trail.includes(at)) return [...trail.slice(trail.indexOf(at)), at];
    if (done.has(at)) return undefined;
    for (const next of uses.get(at) ?? []) {
      const circle = walk(next, [...trail, at]);
      if (circle !== undefined) return circle;
    }
    done.add(at);
    return undefined;
  };
  for (const start of uses.keys()) {
    const circle = walk(start, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
