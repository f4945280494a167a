import type { Caller } from '../../src/contracts/caller.js';
import { type Contract, type Cost, type Limits, localities } from '../../src/contracts/contract.js';
import type { Parameters } from '../../src/contracts/parameters.js';
import { classifications, dataClasses, type Request } from '../../src/contracts/request.js';
import { drawCapabilities } from './drawn-capabilities.js';
import { drawGuarantees } from './drawn-guarantees.js';
import { drawNear, drawNumber } from './drawn-numbers.js';
import { drawSome } from './drawn-request.js';
import type { Random } from './random.js';
import { asSortedSet } from './sorted-set.js';
import type { Vocabulary } from './vocabulary.js';

/** What a contract is drawn to meet, and how often it does not: each part is spoiled with the probability `harshness`. */
export interface Demand {
  readonly request: Request;
  readonly caller: Caller;
  readonly parameters: Parameters;
  readonly harshness: number;
}

/** A contract that would serve the request, but for the parts that are spoiled, and those at the edge of what is asked. */
export function drawContract(random: Random, words: Vocabulary, id: string, demand: Demand): Contract {
  const spoiled = () => random.chance(demand.harshness);
  const { request, caller } = demand;
  const origin = drawOrigin(random, demand);
  const sourced = () => drawSource(random, origin);
  return {
    id,
    version: random.pick(['1.0.0', '1.0.1', '2026-01']),
    ...(random.chance(0.05) && { description: 'free text' }),
    origin,
    zone: drawZone(random, words, demand, spoiled),
    capabilities: drawCapabilities(random, words, request, spoiled),
    actions: drawActions(random, words, demand, spoiled),
    guarantees: drawGuarantees(random, request, steadiness(random, demand, spoiled), spoiled, sourced),
    constraints: drawLimits(random, demand, spoiled, sourced),
    ...drawCost(random, spoiled, sourced),
    privacy: drawPrivacy(random, words, demand, spoiled),
    alignment: {
      certifications: asSortedSet([
        ...request.requirements.constraints.certifications.filter(() => !spoiled()),
        ...random.some(words.certifications, 0.2),
      ]),
      risk_ppm: drawRisk(random, request, spoiled),
    },
    security: {
      permissions: drawPermissions(random, words, caller, spoiled),
      trust_level: spoiled() ? 10 : random.integer(0, caller.trust_level),
      ...(random.chance(0.2) && {
        tenants: asSortedSet([...(spoiled() ? [] : [caller.tenant]), ...random.some(words.tenants, 0.1)]),
      }),
    },
    api: { protocol: 'caio', url: `http://127.0.0.1:8100/${id}` },
    invariants: random.some(['INV-B', 'INV-A'], 0.1),
  };
}

type Spoiled = () => boolean;
type Sources = { readonly source?: string; readonly retrieved?: string };

function drawSource(random: Random, origin: Contract['origin']): Sources {
  return origin === 'external' || random.chance(0.1)
    ? { source: 'https://provider.example/facts', retrieved: '2026-01-31' }
    : {};
}

function isConservative({ request, parameters }: Demand): boolean {
  const { conservative_ppm: asked } = request.traits;
  return asked !== undefined && asked >= parameters.thresholds.conservative_ppm;
}

function drawOrigin(random: Random, demand: Demand): Contract['origin'] {
  if (isConservative(demand) && random.chance(0.4)) return 'internal';
  return random.pick(['internal', 'external']);
}

/** Whether the contract promises determinism because the request is conservative. */
function steadiness(random: Random, demand: Demand, spoiled: Spoiled): boolean {
  return isConservative(demand) && !spoiled() && random.chance(0.7);
}

function drawZone(
  random: Random,
  words: Vocabulary,
  { caller, parameters }: Demand,
  spoiled: Spoiled,
): string {
  const { zones } = parameters;
  const allowed = Object.hasOwn(zones, caller.tenant) ? zones[caller.tenant] : zones['*'];
  return spoiled() || allowed === undefined || allowed.length === 0
    ? random.pick(words.zones)
    : random.pick(allowed);
}

function drawActions(
  random: Random,
  words: Vocabulary,
  { request, parameters }: Demand,
  spoiled: Spoiled,
): string[] {
  const { forbidden, harmful, unsafe } = parameters.actions;
  const lists = [forbidden, request.requirements.constraints.forbidden_actions, harmful, unsafe];
  const bad = lists.flat();
  const good = random.some(words.actions, 0.3).filter((action) => !bad.includes(action));
  const chosen = lists.flatMap((list) => (spoiled() ? random.some(list, 0.6) : []));
  return asSortedSet([...good, ...chosen]);
}

function drawLimits(
  random: Random,
  { request, parameters }: Demand,
  spoiled: Spoiled,
  sourced: () => Sources,
): Limits {
  const { estimate, data } = request;
  const input =
    (estimate.input_tokens ?? estimate.max_input_tokens ?? parameters.tokens.input) +
    (estimate.cached_tokens ?? 0);
  const output = estimate.output_tokens ?? estimate.max_output_tokens ?? parameters.tokens.output;
  const limit = (sent: number) => () => {
    const most = 2 ** 32;
    if (spoiled()) return Math.min(most, Math.max(0, sent - 1));
    return random.chance(0.5) ? Math.min(most, sent) : drawNumber(random, Math.min(most, sent), most);
  };
  const sensitivity = classifications.indexOf(data.classification);
  const limits = drawSome<Limits>(random, 0.15, {
    max_input_tokens: limit(input),
    max_output_tokens: limit(output),
    max_total_tokens: limit(input + output),
    max_classification: () =>
      random.pick(
        classifications.slice(spoiled() ? 0 : sensitivity, spoiled() ? sensitivity + 1 : undefined),
      ),
    refuses: () =>
      dataClasses.filter((kind) => (data.contains.includes(kind) ? spoiled() : random.chance(0.3))),
  });
  return Object.keys(limits).length === 0 ? {} : { ...limits, ...sourced() };
}

function drawCost(random: Random, spoiled: Spoiled, sourced: () => Sources): { cost?: Cost } {
  if (spoiled() || random.chance(0.08)) return {};
  const price = () => random.pick([0, 1, 500_000, 2_000_000, 2_000_000, drawNumber(random, 0, 1e11)]);
  const usual = random.chance(0.9);
  return {
    cost: {
      per_request_micro_usd: random.pick([0, 0, 100, price()]),
      ...(usual && {
        per_million_input_tokens_micro_usd: price(),
        per_million_output_tokens_micro_usd: price(),
      }),
      ...(!usual && drawSome<Cost>(random, 0.5, prices(price))),
      ...(random.chance(0.3) && { per_million_cached_tokens_micro_usd: price() }),
      ...sourced(),
    },
  };
}

function prices(price: () => number) {
  return {
    per_million_input_tokens_micro_usd: price,
    per_million_output_tokens_micro_usd: price,
  };
}

function drawPrivacy(
  random: Random,
  words: Vocabulary,
  { request, parameters }: Demand,
  spoiled: Spoiled,
): Contract['privacy'] {
  const { data, traits, requirements } = request;
  const sensitive = data.contains.length > 0 || ['confidential', 'restricted'].includes(data.classification);
  const near =
    traits.confidential_ppm !== undefined &&
    traits.confidential_ppm >= parameters.thresholds.confidential_ppm;
  let locality = near && !random.chance(0.2) ? random.pick(localities.slice(0, 2)) : random.pick(localities);
  const otherwise = random.chance(0.2);
  if (requirements.constraints.on_device && !otherwise) locality = 'on_device';
  const protectedAtAll = sensitive && !spoiled();
  const declared = data.jurisdictions;
  const within = random.some(declared, 0.7);
  const allowed = within.length === 0 ? declared.slice(0, 1) : within;
  const outside = spoiled() ? random.some(words.jurisdictions, 0.4) : [];
  const jurisdictions =
    declared.length === 0 || spoiled() ? random.some(words.jurisdictions, 0.3) : [...allowed, ...outside];
  return {
    locality,
    regions: random.some(words.regions, 0.4),
    jurisdictions: asSortedSet(jurisdictions),
    encryption: {
      in_transit: protectedAtAll || random.chance(0.8),
      at_rest: protectedAtAll || random.chance(0.6),
      end_to_end: random.chance(0.2),
    },
    ...(random.chance(0.2) && { retention_days: random.pick([0, 30, 36_500]) }),
    ...(random.chance(0.2) && { trains_on_data: random.chance(0.5) }),
  };
}

function drawRisk(random: Random, { traits }: Request, spoiled: Spoiled): number {
  const tolerance = traits.risk_tolerance_ppm ?? 1_000_000;
  if (spoiled()) return drawNumber(random, 0, 1_000_000);
  if (random.chance(0.1)) return drawNear(random, tolerance, 0, 1_000_000);
  return random.pick(
    [0, 100_000, 100_000, random.integer(0, tolerance), tolerance].filter((risk) => risk <= tolerance),
  );
}

function drawPermissions(
  random: Random,
  words: Vocabulary,
  { permissions: held }: Caller,
  spoiled: Spoiled,
): Contract['security']['permissions'] {
  const lacking = spoiled() ? random.some(words.permissions, 0.5) : [];
  if (random.chance(0.7)) return { all: asSortedSet([...random.some(held, 0.3), ...lacking]) };
  if (spoiled()) return { any_of: words.permissions.filter((name) => !held.includes(name)) };
  return { any_of: held.length === 0 ? [] : asSortedSet([random.pick(held), ...lacking]) };
}
