import { parseContract } from '../contracts/parse-contract.js';
import { parseParameters } from '../contracts/parse-parameters.js';
import { parsePolicy } from '../contracts/parse-policy.js';
import { type Change, type ChangeKind, changeKinds, isChangeKind } from '../log/change-statement.js';
import type { KeyRealm } from '../server/identity/api-key.js';
import { parseKeyRecord } from '../server/identity/parse-key-record.js';
import { CommandFailure } from './failure.js';
import { parseFile } from './files.js';

/** What a change is about, as options of a command say it. */
export interface ChangeSubject {
  readonly kind?: string;
  readonly file?: string;
  readonly id?: string;
  readonly state?: string;
}

/** Records and grants are read as the server reads them; its realm is no part of either. */
export const realm: KeyRealm = { issuer: 'caio', audience: 'caio', subjectOf: () => undefined };

/** The change that the options name: its document is read and checked as the server does it. */
export async function readChangeSubject(subject: ChangeSubject): Promise<Change> {
  const kind = kindOf(subject.kind);
  switch (kind) {
    case 'contract.put':
      return {
        kind,
        contract: await parseFile(file(subject), 'Contract', 'invalid_contract', parseContract),
      };
    case 'policy.put':
      return { kind, policy: await parseFile(file(subject), 'Policy', 'invalid_policy', parsePolicy) };
    case 'parameters.put': {
      const path = file(subject);
      return {
        kind,
        parameters: await parseFile(path, 'Parameters', 'invalid_parameters', parseParameters),
      };
    }
    case 'key.put': {
      const { record } = await parseFile(file(subject), 'Key record', 'invalid_key', (document) =>
        parseKeyRecord(document, realm),
      );
      return { kind, key: record };
    }
    case 'contract.remove':
      return { kind, service: id(subject) };
    case 'policy.remove':
      return { kind, policy: id(subject) };
    case 'key.revoke':
      return { kind, key: id(subject) };
    case 'availability.put':
      return { kind, service: id(subject), state: stateOf(subject.state) };
    default:
      return kind satisfies never;
  }
}

function kindOf(kind: string | undefined): ChangeKind {
  if (kind !== undefined && isChangeKind(kind)) return kind;
  const message = kind === undefined ? '--kind is missing.' : `--kind ${kind} is not a kind of change.`;
  throw new CommandFailure('usage', message, [], `The kinds are ${changeKinds.join(', ')}.`);
}

function file({ file: path, kind }: ChangeSubject): string {
  if (path !== undefined) return path;
  throw new CommandFailure('usage', `${kind} needs --file: the document that is put.`);
}

function id({ id: given, kind }: ChangeSubject): string {
  if (given !== undefined && /^\P{Cc}{1,256}$/u.test(given)) return given;
  throw new CommandFailure('usage', `${kind} needs --id: what it is about.`);
}

function stateOf(state: string | undefined): 'available' | 'disabled' {
  if (state === 'available' || state === 'disabled') return state;
  throw new CommandFailure('usage', 'availability.put needs --state available or --state disabled.');
}
