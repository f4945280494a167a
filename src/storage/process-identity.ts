import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/** Which process this is, in a way that outlives it: process ids are used again, these together are not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, as the system writes it. */
  readonly started: string;
  /** Of the boot of the machine; empty where the system has no such id. */
  readonly boot: string;
  /** In which process ids mean something; empty where the system has no such thing. */
  readonly namespace: string;
}

export const ownIdentity = (): ProcessIdentity => identityOf(process.pid);

/** Of a process of this namespace. */
export function identityOf(pid: number): ProcessIdentity {
  return {
    pid,
    started: startOf(pid) ?? '',
    boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '',
    namespace: attempt(() => readlinkSync('/proc/self/ns/pid')) ?? '',
  };
}

/**
 * Whether that process runs now. `unknown` when it ran in another process namespace of this machine (another container), where ids of
 * here say nothing.
 */
export function stateOf(other: ProcessIdentity): 'running' | 'gone' | 'unknown' {
  const own = ownIdentity();
  if (other.boot !== own.boot) return 'gone';
  if (other.namespace !== own.namespace) return 'unknown';
  return startOf(other.pid) === other.started ? 'running' : 'gone';
}

/** Start time of a process; `undefined` when none of that id runs. One that ended and was not waited for by its parent does not run. */
function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat !== undefined) {
    // proc(5): the name, in parentheses, may hold anything; the state is the first field after it, the start time the 20th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return /^[ZX]$/i.test(fields[0] ?? '') ? undefined : fields[19];
  }
  if (process.platform === 'linux') return undefined;
  const listed = attempt(() =>
    execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }),
  );
  const [, state, started] = /^(\S+)\s+(.+?)\s*$/.exec(listed ?? '') ?? [];
  return state === undefined || state.startsWith('Z') ? undefined : started;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
