import { open } from 'node:fs/promises';
import { Fault } from '../kernel/errors.js';

/** Turns a reference of a contract into the secret, at the time of the call: a rotated secret is seen at once. */
export interface Secrets {
  /**
   * The secret, for a call to `url`. Throws a Fault `secret_unavailable` that names the reference, never what it holds, also where
   * the secret is not granted to that origin.
   */
  resolve(reference: string, url: string): Promise<string>;
}

/**
 * Which secret may be sent where. Whoever may register a contract chooses both the reference and the URL that the secret is sent
 * to; so the operator lists each reference with the origins it is for, and nothing else can be named.
 */
export interface SecretScope {
  readonly environment: { readonly [name: string]: string | undefined };
  /** `env:NAME` or `file:PATH` → origins, such as `https://api.example`. */
  readonly grants: ReadonlyMap<string, readonly string[]>;
}

const maxSecretBytes = 8192;

// What may stand in a header value: visible ASCII. A line feed here would be header injection.
const headerSafe = /^[\x21-\x7e]+$/;

/** `env:NAME` and `file:PATH` (one trailing line end is dropped). */
export function secretsFrom(scope: SecretScope): Secrets {
  return {
    async resolve(reference, url) {
      checkGrant(reference, url, scope.grants);
      const text = await read(reference, scope);
      if (text === undefined || text === '') throw unavailable(reference, 'is not set');
      if (!headerSafe.test(text)) throw unavailable(reference, 'holds characters that no header may carry');
      return text;
    },
  };
}

async function read(reference: string, scope: SecretScope): Promise<string | undefined> {
  if (reference.startsWith('env:')) {
    const name = reference.slice(4);
    if (name.startsWith('CAIO_')) throw unavailable(reference, 'is one of CAIO itself');
    return Object.hasOwn(scope.environment, name) ? scope.environment[name] : undefined;
  }
  if (reference.startsWith('file:')) return readSecretFile(reference);
  throw unavailable(reference, 'is neither env:NAME nor file:PATH');
}

function checkGrant(reference: string, url: string, grants: SecretScope['grants']): void {
  const origins = grants.get(reference);
  if (origins === undefined) throw unavailable(reference, 'is not one that caio.yaml grants');
  const { origin } = new URL(url);
  if (!origins.includes(origin)) throw unavailable(reference, `is not granted to ${origin}`);
}

async function readSecretFile(reference: string): Promise<string> {
  const bytes = await readAtMost(reference.slice(5), maxSecretBytes + 1).catch(() => undefined);
  // No cause is kept: an error of the file system may quote what it read.
  if (bytes === undefined) throw unavailable(reference, 'cannot be read');
  if (bytes.length > maxSecretBytes) throw unavailable(reference, `is longer than ${maxSecretBytes} bytes`);
  return bytes.toString('latin1').replace(/\r?\n$/, '');
}

async function readAtMost(path: string, most: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function unavailable(reference: string, why: string): Fault {
  // A reference without a known scheme may be a secret put there by mistake: it is not repeated.
  const subject = /^(env|file):/.test(reference) ? reference : 'reference';
  return new Fault('secret_unavailable', `the secret ${subject} ${why}`, { retryable: false, subject });
}
