import type { World } from '../generators/decision.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Step = string | number;

/** Members that a document may be without. */
const optional = new Set(
  (
    'before description measured invariant source retrieved cost fallback tenants retention_days trains_on_data ' +
    'max_cost_micro_usd max_latency_micros input_tokens output_tokens cached_tokens max_input_tokens max_output_tokens ' +
    'max_total_tokens max_classification refuses conservative_ppm confidential_ppm risk_tolerance_ppm ' +
    'per_million_input_tokens_micro_usd per_million_output_tokens_micro_usd per_million_cached_tokens_micro_usd'
  ).split(' '),
);
const neverEmpty = new Set(['capabilities', 'rules']);
/** Objects whose every member is optional. */
const open = new Set(['guarantees', 'commitments', 'context', 'profiles', 'zones']);

/**
 * A smaller world that still fails, found greedily: questions, services, rules, rows, requirements and fields are dropped while `fails` holds,
 * then expressions and numbers are replaced by plainer ones. At most `most` attempts.
 */
export function shrink(world: World, fails: (world: World) => boolean, most = 3_000): World {
  let smallest = world as unknown as Json;
  let attempts = 0;
  const holds = (candidate: Json) => {
    attempts += 1;
    try {
      const smaller = candidate as unknown as World;
      return attempts <= most && isOrdered(smaller) && fails(smaller);
    } catch {
      // A candidate that is no longer a state that loads is no smaller case.
      return false;
    }
  };
  for (let progress = true; progress && attempts <= most; ) {
    progress = false;
    for (const change of changesOf(smallest)) {
      const candidate = change(smallest);
      if (
        candidate === undefined ||
        JSON.stringify(candidate) === JSON.stringify(smallest) ||
        !holds(candidate)
      )
        continue;
      smallest = candidate;
      progress = true;
    }
  }
  return smallest as unknown as World;
}

/** What documents promise between their numbers. */
function isOrdered({ before, state, questions }: World): boolean {
  return (
    [state, ...(before === undefined ? [] : [before])].every(
      ({ history: { from, to, rows } }) =>
        from <= to && rows.every(({ trials, successes }) => successes <= trials),
    ) && questions.every(({ caller }) => caller.not_before < caller.expires)
  );
}

type Change = (world: Json) => Json | undefined;

/** Greatest cuts first; a change made from a place that is gone in the meantime gives nothing. */
function changesOf(world: Json): Change[] {
  const cuts: { readonly size: number; readonly change: Change }[] = [];
  visit(world, [], (value, path) => {
    const size = JSON.stringify(value).length;
    if (isRemovable(path)) cuts.push({ size, change: (from) => without(from, path) });
    for (const plainer of plainerThan(value, path)) {
      cuts.push({ size: 0, change: (from) => replaced(from, path, plainer) });
    }
  });
  return cuts.sort((a, b) => b.size - a.size).map(({ change }) => change);
}

function isRemovable(path: readonly Step[]): boolean {
  const [last, owner] = [path.at(-1), path.at(-2)];
  if (owner === 'thresholds') return false;
  if (typeof last === 'number') return !path.includes('profiles');
  return last !== undefined && (optional.has(last) || open.has(String(owner)) || isParameters(path));
}

/** `parameters` of a capability are open, those of a state are not. */
function isParameters(path: readonly Step[]): boolean {
  return path.at(-2) === 'parameters' && path.includes('capabilities');
}

function plainerThan(value: Json, path: readonly Step[]): Json[] {
  const last = path.at(-1);
  if (typeof value === 'number' && Math.abs(value) > 9 && !path.includes('profiles')) {
    return [0, 1, 10, 1_000, 1_000_000].filter((plain) => plain < Math.abs(value));
  }
  if ((last === 'when' || last === 'require') && value !== 'true') return ['true'];
  return [];
}

function visit(value: Json, path: readonly Step[], see: (value: Json, path: readonly Step[]) => void): void {
  see(value, path);
  if (typeof value !== 'object' || value === null) return;
  const entries = Array.isArray(value) ? [...value.entries()].reverse() : Object.entries(value);
  for (const [step, member] of entries as [Step, Json][]) visit(member, [...path, step], see);
}

function without(value: Json, path: readonly Step[]): Json | undefined {
  return changed(value, path, (owner, step) => {
    if (Array.isArray(owner)) {
      const fewer = owner.toSpliced(Number(step), 1);
      return fewer.length === 0 && neverEmpty.has(String(path.at(-2))) ? owner : fewer;
    }
    const { [step]: _, ...rest } = owner as { readonly [name: string]: Json };
    return rest;
  });
}

function replaced(value: Json, path: readonly Step[], by: Json): Json | undefined {
  return changed(value, path, (owner, step) =>
    Array.isArray(owner) ? owner.with(Number(step), by) : { ...owner, [step]: by },
  );
}

type Owner = readonly Json[] | { readonly [name: string]: Json };

function changed(
  value: Json,
  [step, ...rest]: readonly Step[],
  change: (owner: Owner, step: Step) => Json,
): Json | undefined {
  if (typeof value !== 'object' || value === null || step === undefined) return undefined;
  const member = (value as { readonly [name: string]: Json })[step];
  if (member === undefined) return undefined;
  if (rest.length === 0) return change(value, step);
  const inner = changed(member, rest, change);
  return inner === undefined
    ? undefined
    : changed(value, [step], (owner, at) =>
        Array.isArray(owner) ? owner.with(Number(at), inner) : { ...owner, [at]: inner },
      );
}
