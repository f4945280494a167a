import type { Classification } from '../../contracts/request.js';
import { type DataKeyName, endOfDay, parseDataKeyName } from './vault-names.js';
import type { VaultStore } from './vault-port.js';

/** How long openings are kept after the end of the day of their decision, microseconds by class. A class without is kept until it is erased. */
export type Keep = { readonly [C in Classification]?: number };

const pageKeys = 1000;

/**
 * The data keys that are due at `time`, by class and in portions of at most a thousand. Reads the name of every key: their number is that of
 * subjects and days, not of decisions.
 */
export async function expiredKeys(
  store: VaultStore,
  keep: Keep,
  time: number,
): Promise<readonly (readonly [retention: string, names: readonly string[]])[]> {
  const due = new Map<string, string[]>();
  for (let after: string | undefined; ; ) {
    const range = { prefix: '', limit: pageKeys, ...(after === undefined ? {} : { after }) };
    const names = await store.scanKeys(range);
    for (const name of names) {
      const parsed = parseDataKeyName(name);
      if (parsed === undefined || !isDue(parsed, keep, time)) continue;
      due.set(parsed.keyClass, [...(due.get(parsed.keyClass) ?? []), name]);
    }
    after = names.at(-1);
    if (names.length < pageKeys) break;
  }
  return [...due].flatMap(([retention, names]) => portions(names).map((each) => [retention, each] as const));
}

/** Subjects of API keys are kept as long as nobody erases them: the key would work on without. */
function isDue({ keyClass, day }: DataKeyName, keep: Keep, time: number): boolean {
  const kept = keyClass === 'credential' ? undefined : keep[keyClass];
  return kept !== undefined && endOfDay(day) + kept <= time;
}

function portions(names: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(names.length / pageKeys) }, (_, i) =>
    names.slice(i * pageKeys, (i + 1) * pageKeys),
  );
}
