import { Defect, Fault } from '../kernel/errors.js';

/** Whose folder it is: the log's or the vault's. */
export interface FolderOf {
  readonly code: 'storage_failed' | 'vault_failed';
  readonly called: 'log' | 'vault';
}

/** The faults of one folder; what is said goes on behind its name. */
export class FolderFaults {
  readonly folder: string;
  readonly #of: FolderOf;

  constructor(of: FolderOf, folder: string) {
    this.#of = of;
    this.folder = folder;
  }

  /** One that trying again does not cure. */
  refusal(what: string): Fault {
    return this.#fault(`${what}.`, { retryable: false });
  }

  /** One that may be gone when it is tried again. */
  passing(what: string): Fault {
    return this.#fault(`${what}.`, { retryable: true });
  }

  /** What a library or the system threw, as a passing fault; Faults and Defects stay what they are. */
  from(cause: unknown, what: string): Fault | Defect {
    if (cause instanceof Fault || cause instanceof Defect) return cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return this.#fault(`${what}: ${reason}.`, { retryable: true, cause });
  }

  #fault(text: string, details: { readonly retryable: boolean; readonly cause?: unknown }): Fault {
    const { code, called } = this.#of;
    return new Fault(code, `The ${called} folder ${this.folder} ${text}`, {
      ...details,
      subject: this.folder,
    });
  }
}
