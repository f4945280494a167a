import { createHmac, createPublicKey, type Hmac, type KeyObject, sign } from 'node:crypto';
import { formatVerifierKey, isKeyName, keyAlgorithm, keyHash } from '../kernel/verifier-key.js';

const { ed25519 } = keyAlgorithm;

/** Names the result's salt in calls, and the signature in answers (docs/math/CAIO_LOG_CALCULUS.md, section 3.8). */
export const saltHeader = 'x-caio-result-salt';
export const signatureHeader = 'x-caio-result-signature';

/**
 * The verifier key for `api.result_key` of a contract: `<name>+<hash>+<base64>`. Throws a TypeError for a name with white space, controls or
 * `+`, and for a key that is not Ed25519.
 */
export function resultKeyOf(name: string, privateKey: KeyObject): string {
  if (!isKeyName(name)) throw new TypeError('a key name is 1 to 255 bytes without spaces, controls or "+"');
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new TypeError('results are signed with an Ed25519 key: generateKeyPairSync("ed25519")');
  }
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  const publicKey = Buffer.from(x as string, 'base64url');
  const hash = keyHash(name, ed25519, publicKey);
  return formatVerifierKey({ name, hash, algorithm: ed25519, publicKey });
}

/** Throws a TypeError where what the key signs would not be taken for the service's. */
export function checkResultKey(resultKey: string | undefined, privateKey: KeyObject): void {
  const name = resultKey?.slice(0, resultKey.indexOf('+'));
  const own = resultKeyOf(name === undefined || name === '' ? 'key' : name, privateKey);
  if (resultKey === own) return;
  throw new TypeError(
    resultKey === undefined
      ? 'the contract has no api.result_key: put resultKeyOf(name, key) there'
      : 'the key is not that of api.result_key in the contract',
  );
}

/** Signs one answer, whose bytes go in as they are sent. */
export class ResultSigner {
  readonly #key: KeyObject;
  readonly #decision: string;
  readonly #commitment: Hmac;

  private constructor(key: KeyObject, decision: string, salt: Buffer) {
    this.#key = key;
    this.#decision = decision;
    this.#commitment = createHmac('sha256', salt);
  }

  /** Nothing where there is no key, or the call carries no salt of 32 bytes in hex. */
  static of(
    key: KeyObject | undefined,
    decision: string,
    salt: string | string[] | undefined,
  ): ResultSigner | undefined {
    if (key === undefined || typeof salt !== 'string' || !/^[0-9a-f]{64}$/.test(salt)) return undefined;
    return new ResultSigner(key, decision, Buffer.from(salt, 'hex'));
  }

  update(text: string): void {
    this.#commitment.update(text, 'utf8');
  }

  /** The header with the signature, once every byte has gone in. */
  header(): { readonly [signatureHeader]: string } {
    const text = `caio/result/v1\n${this.#decision}\n${this.#commitment.digest('hex')}\n`;
    return { [signatureHeader]: sign(null, Buffer.from(text), this.#key).toString('base64') };
  }
}
