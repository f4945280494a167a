import { canonicalText } from '../kernel/canonical.js';
import type { FolderFaults } from './folder-faults.js';
import type { Environment } from './lmdb-environment.js';
import { ownIdentity, type ProcessIdentity, stateOf } from './process-identity.js';

/** Who writes to a folder, and what is in it. The token tells two openings by one process apart. */
export interface Claim {
  readonly layout: string;
  readonly token: string;
  readonly holder: ProcessIdentity;
}

const claimKey = Buffer.from('claim');

export function readClaim({ meta }: Environment): Claim | undefined {
  const stored = meta.get(claimKey);
  return stored === undefined ? undefined : (JSON.parse(stored.toString()) as Claim);
}

/** One opening's claim. What is here is called within a write transaction, which LMDB gives to one process at a time. */
export class OwnClaim {
  readonly #faults: FolderFaults;
  readonly #layout: string;
  readonly #token: string;

  constructor(faults: FolderFaults, layout: string, token: string) {
    this.#faults = faults;
    this.#layout = layout;
    this.#token = token;
  }

  /** Throws Fault: another process has it, or it is of another layout. */
  take(environment: Environment): void {
    const held = readClaim(environment);
    if (held !== undefined) this.#checkFree(held);
    const claim: Claim = { layout: this.#layout, token: this.#token, holder: ownIdentity() };
    environment.meta.putSync(claimKey, Buffer.from(canonicalText(claim)));
  }

  #checkFree({ layout, holder, token }: Claim): void {
    if (layout !== this.#layout) throw this.#faults.refusal(`has the layout ${layout}, not ${this.#layout}`);
    if (token === this.#token || stateOf(holder) !== 'running') return;
    throw this.#faults.refusal(`is open in process ${holder.pid}; one process at a time has it`);
  }

  /** Throws Fault when it was taken over. */
  check(environment: Environment): void {
    const held = readClaim(environment);
    if (held?.token === this.#token) return;
    const holder = held === undefined ? 'nobody' : `process ${held.holder.pid}`;
    throw this.#faults.refusal(`was taken over by ${holder}; this process writes nothing to it any more`);
  }

  /** Nothing where it was taken over. */
  letGo(environment: Environment): void {
    if (readClaim(environment)?.token === this.#token) environment.meta.removeSync(claimKey);
  }
}
