import { encodeBase64 } from '../kernel/base64.js';
import { encodeUtf8 } from '../kernel/utf8.js';
import { errorFromResponse, notCaio, unreachable } from './caio-error.js';

interface TransportOptions {
  readonly url: string;
  /** API key or JWT; sent as a bearer credential, never in a URL. */
  readonly key?: string;
  /** Bound on every call but streams, in milliseconds. */
  readonly timeoutMillis: number;
}

export interface CallOptions {
  readonly body?: { readonly text: string; readonly type: 'application/json' | 'application/yaml' };
  /** The signed note of a change, as text. */
  readonly change?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/** One call of the HTTP API. Retries nothing: whether a second decision is wanted is the caller's to say. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = { ...options, url: options.url.replace(/\/+$/, '') };
  }

  /** The answer as JSON. Throws a CaioError for anything but a 2xx, and for a 2xx that is no JSON. */
  async json<Answer>(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const text = await this.text(method, path, options);
    try {
      return (text === '' ? undefined : JSON.parse(text)) as Answer;
    } catch {
      throw notCaio(this.#options.url);
    }
  }

  async text(method: string, path: string, options: CallOptions = {}): Promise<string> {
    const timeout = AbortSignal.timeout(this.#options.timeoutMillis);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
    const response = await this.open(method, path, { ...options, signal });
    try {
      return await response.text();
    } catch (cause) {
      throw this.#failure(cause, signal);
    }
  }

  /** The response once its head has come; only a 2xx is returned. */
  async open(method: string, path: string, options: CallOptions = {}): Promise<Response> {
    const { body, change, accept = 'application/json', signal } = options;
    let response: Response;
    try {
      response = await fetch(this.#options.url + path, {
        method,
        // A redirect would carry the credential and the payload elsewhere.
        redirect: 'error',
        headers: {
          accept,
          ...(this.#options.key === undefined ? {} : { authorization: `Bearer ${this.#options.key}` }),
          ...(body === undefined ? {} : { 'content-type': body.type }),
          ...(change === undefined ? {} : { 'x-caio-change': encodeBase64(encodeUtf8(change)) }),
        },
        ...(body === undefined ? {} : { body: body.text }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (cause) {
      throw this.#failure(cause, signal);
    }
    if (!response.ok) throw await errorFromResponse(response);
    return response;
  }

  /** What the caller aborted with, whatever it is; else that there was no answer, also none in time. */
  #failure(cause: unknown, signal: AbortSignal | undefined): unknown {
    const left = signal?.aborted === true && signal.reason?.name !== 'TimeoutError';
    return left ? signal.reason : unreachable(this.#options.url, cause);
  }
}
