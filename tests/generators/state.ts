import type { Contract } from '../../src/contracts/contract.js';
import type { Policy } from '../../src/contracts/policy.js';
import type { AvailabilityRow, HistoryRow, State } from '../../src/contracts/state.js';
import { compareCodePoints } from '../../src/kernel/merkle.js';
import { type Demand, drawContract } from './drawn-contract.js';
import { drawNumber } from './drawn-numbers.js';
import type { Pool } from './pool.js';
import type { Random } from './random.js';
import type { Vocabulary } from './vocabulary.js';

/** A whole state around a demand: parameters and policies are the demand's, services mostly meet it. */
export function drawState(
  random: Random,
  words: Vocabulary,
  policies: readonly Policy[],
  demand: Demand,
  size: number,
  pool: Pool,
): State {
  const contracts = drawContracts(random, words, demand, size, pool);
  const epoch = [drawNumber(random, 0, 2 ** 53 - 1), drawNumber(random, 0, 2 ** 53 - 1)] as const;
  return {
    contracts,
    policies,
    parameters: demand.parameters,
    history: { from: Math.min(...epoch), to: Math.max(...epoch), rows: drawHistory(random, contracts) },
    availability: drawAvailability(random, contracts),
    as_of: drawNumber(random, 0, 2 ** 53 - 1),
  };
}

/** Some are twins of earlier ones under other ids: they tie unless their history tells them apart. */
function drawContracts(
  random: Random,
  words: Vocabulary,
  demand: Demand,
  size: number,
  pool: Pool,
): Contract[] {
  const ids = drawIds(random, size);
  const twins = random.pick([0, 0, 0.2, 0.6]);
  const contracts: Contract[] = [];
  for (const id of ids) {
    const models = random.chance(twins) ? contracts : random.chance(0.02) ? pool.contracts : [];
    contracts.push(
      models.length > 0 ? { ...random.pick(models), id } : drawContract(random, words, id, demand),
    );
  }
  return contracts;
}

const names = ['constructor', 'maia', 'said', 'vee', 's', 's-1', 's.1', 's_1', 's0', '0'];

function drawIds(random: Random, size: number): string[] {
  const long = 'x'.repeat(40);
  const ids = Array.from({ length: size }, (_, i) =>
    size > 60 ? `${long}${i}` : (names[i] ?? `s${random.integer(1, 9)}${i}`),
  );
  return [...new Set(ids)].sort(compareCodePoints);
}

function drawHistory(random: Random, contracts: readonly Contract[]): HistoryRow[] {
  const known = random.pick([0, 0, 0.5, 1]);
  const services = [
    ...random.some(contracts, known).map(({ id }) => id),
    ...random.some(['removed', 'zz'], 0.1),
  ];
  const few = random.chance(0.5);
  return services.sort(compareCodePoints).map((service) => {
    const trials = few ? random.pick([0, 10]) : drawNumber(random, 0, 2 ** 32);
    return {
      service,
      trials,
      successes: few ? trials : random.chance(0.3) ? trials : random.integer(0, trials),
    };
  });
}

function drawAvailability(random: Random, contracts: readonly Contract[]): AvailabilityRow[] {
  const out = random.some(contracts, random.pick([0, 0, 0.05, 0.3])).map(({ id }) => id);
  const services = [...out, ...random.some(['removed', 'zz'], 0.05)].sort(compareCodePoints);
  return services.map((service) => ({
    service,
    state: random.pick(['disabled', 'held_out']),
    reason: random.pick(['maintenance', 'too many faults']),
  }));
}
