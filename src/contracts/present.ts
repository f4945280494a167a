/** The fields that are there: documents hold no `undefined` and no null, absent means absent (calculus §2). */
export function present<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  const kept: Record<string, unknown> = {};
  for (const name in fields) {
    if (fields[name] !== undefined) kept[name] = fields[name];
  }
  return kept as T;
}

/**
 * Each entry of a map that people name the keys of, in its order. Without a prototype, so that looking up `constructor` finds nothing that was
 * not put there.
 */
export function mapEntries<V, W>(
  map: { readonly [name: string]: V } | undefined,
  convert: (value: V, name: string) => W,
): { readonly [name: string]: W } {
  const converted: Record<string, W> = Object.create(null);
  for (const name in map) converted[name] = convert(map[name] as V, name);
  return converted;
}
