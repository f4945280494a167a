import { readdir } from 'node:fs/promises';
import type { Contract } from '../contracts/contract.js';
import { defaultParameters } from '../contracts/default-parameters.js';
import { parseAvailability } from '../contracts/parse-availability.js';
import { parseContract } from '../contracts/parse-contract.js';
import { parseHistory } from '../contracts/parse-history.js';
import { parseParameters } from '../contracts/parse-parameters.js';
import { parsePolicy } from '../contracts/parse-policy.js';
import type { Policy } from '../contracts/policy.js';
import type { AvailabilityRow, History, State } from '../contracts/state.js';
import { compareCodePoints } from '../kernel/merkle.js';
import { CommandFailure } from './failure.js';
import { type Parsed, parseFile, parseFolder } from './files.js';

/** Where the parts of a state are; every part but the services has an empty or default meaning when it is not given. */
export interface StateFiles {
  readonly services: string;
  readonly policies?: string;
  readonly parameters?: string;
  readonly history?: string;
  readonly availability?: string;
}

const noHistory: History = { from: 0, to: 0, rows: [] };

/** Loads a whole state from files. Two files with one id are an error that names both. Reads files, nothing else. */
export async function loadState(files: StateFiles): Promise<State> {
  const contracts = await parseFolder(files.services, 'Services', 'invalid_contract', parseContract);
  return { ...(await loadOthers(files)), contracts: inOrderOfId<Contract>(contracts, 'invalid_contract') };
}

async function loadOthers(files: Omit<StateFiles, 'services'>): Promise<Omit<State, 'contracts'>> {
  const policies = files.policies === undefined ? [] : await loadPolicies(files.policies);
  return {
    policies: inOrderOfId<Policy>(policies, 'invalid_policy'),
    parameters:
      files.parameters === undefined
        ? defaultParameters
        : await parseFile(files.parameters, 'Parameters', 'invalid_parameters', parseParameters),
    history:
      files.history === undefined
        ? noHistory
        : await parseFile(files.history, 'History', 'invalid_state', parseHistory),
    availability: await loadAvailability(files.availability),
    as_of: 0,
  };
}

/** The state that a server begins with: folders that are not configured or empty give nothing. */
export async function loadInitialState(files: Partial<StateFiles>): Promise<State> {
  const { services, ...others } = files;
  if (services !== undefined && !(await isEmptyFolder(services))) return loadState({ ...others, services });
  return { ...(await loadOthers(others)), contracts: [] };
}

/** Only what is named, for putting in the place of what a log says. An empty folder of either is a choice: none of them. */
export async function loadGiven(files: Pick<Partial<StateFiles>, 'services' | 'policies' | 'parameters'>) {
  const { services, policies, parameters } = files;
  const contracts =
    services === undefined || (await isEmptyFolder(services))
      ? []
      : await parseFolder(services, 'Services', 'invalid_contract', parseContract);
  return {
    ...(services === undefined ? {} : { contracts: inOrderOfId<Contract>(contracts, 'invalid_contract') }),
    ...(policies === undefined
      ? {}
      : { policies: inOrderOfId<Policy>(await loadPolicies(policies), 'invalid_policy') }),
    ...(parameters === undefined
      ? {}
      : { parameters: await parseFile(parameters, 'Parameters', 'invalid_parameters', parseParameters) }),
  };
}

/** An existing but empty policy folder is a choice one can make on purpose; a missing one is not. */
async function loadPolicies(folder: string): Promise<readonly Parsed<Policy>[]> {
  if (await isEmptyFolder(folder)) return [];
  return parseFolder(folder, 'Policies', 'invalid_policy', parsePolicy);
}

async function isEmptyFolder(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => undefined);
  return names?.length === 0;
}

async function loadAvailability(file: string | undefined): Promise<readonly AvailabilityRow[]> {
  if (file === undefined) return [];
  return parseFile(file, 'Availability', 'invalid_state', parseAvailability);
}

function inOrderOfId<T extends { readonly id: string }>(
  parsed: readonly Parsed<T>[],
  code: 'invalid_contract' | 'invalid_policy',
): readonly T[] {
  const fileOf = new Map<string, string>();
  for (const { file, value } of parsed) {
    const other = fileOf.get(value.id);
    if (other !== undefined) {
      throw new CommandFailure(code, `The id ${value.id} is in two files: ${other} and ${file}.`);
    }
    fileOf.set(value.id, file);
  }
  return parsed.map(({ value }) => value).sort((a, b) => compareCodePoints(a.id, b.id));
}
