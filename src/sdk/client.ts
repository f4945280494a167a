import type { WireRequestDocument } from '../contracts/wire.js';
import { type Level, type VerificationOptions, type VerificationReport, verify } from '../verifier/index.js';
import type {
  AttemptQuery,
  AuditedAttempt,
  AuditedEntry,
  Decided,
  Discovered,
  EntryQuery,
  KeySummary,
  Orchestrated,
  Page,
  ParametersInForce,
  PolicyInForce,
  Registered,
  ServiceHistory,
  ServiceSummary,
  Trace,
  TraceQuery,
  TraceSummary,
} from './answers.js';
import { type DecisionReceipt, type ReceiptOptions, receiptOf } from './decision-receipt.js';
import { type DocumentSource, documentFormat, documentText } from './document-source.js';
import { openStream, type ResultStream } from './result-stream.js';
import { withSeed } from './seed.js';
import { type CallOptions, Transport } from './transport.js';

export interface CaioClientOptions {
  /** Default: the environment variable CAIO_SERVICE_URL. */
  readonly url?: string;
  /** API key or JWT. Default: CAIO_API_KEY. */
  readonly key?: string;
  /** Bound on every call but streams. Default 60 s. */
  readonly timeoutMillis?: number;
}

/** How a change of the state is asked for. */
export interface ChangeOptions {
  /** Text of the signed note, where the server asks for approval: what `caio change sign` writes. */
  readonly change?: string;
}

interface Cancel {
  readonly signal?: AbortSignal;
}

/**
 * The callers' side of CAIO over HTTP. Every method throws a CaioError (InvalidError, RefusedError, UnavailableError) for an
 * answer that is not a success, and retries nothing. Seeds are drawn here unless the request has one.
 */
export class CaioClient {
  readonly #transport: Transport;

  constructor(options: CaioClientOptions = {}) {
    const url = options.url ?? process.env.CAIO_SERVICE_URL;
    if (url === undefined || !isHttpUrl(url)) {
      throw new TypeError(
        'CaioClient needs an http or https URL without a credential in it: pass { url } or set CAIO_SERVICE_URL',
      );
    }
    const key = options.key ?? process.env.CAIO_API_KEY;
    const timeoutMillis = options.timeoutMillis ?? 60_000;
    this.#transport = new Transport({ url, timeoutMillis, ...(key === undefined ? {} : { key }) });
  }

  /** A new service, or the same once more. The same id and version with other content is a conflict. */
  register(contract: DocumentSource, options: ChangeOptions = {}): Promise<Registered> {
    return this.#transport.json('POST', '/api/v1/services', { body: documentBody(contract), ...options });
  }

  /** Swaps the contract of a service; decisions made from then on see the new one, those under way finish on the old. */
  replace(id: string, contract: DocumentSource, options: ChangeOptions = {}): Promise<Registered> {
    return this.#transport.json('PUT', servicePath(id), { body: documentBody(contract), ...options });
  }

  async remove(id: string, options: ChangeOptions = {}): Promise<void> {
    await this.#transport.text('DELETE', servicePath(id), options);
  }

  async enable(id: string, options: ChangeOptions = {}): Promise<void> {
    await this.#transport.text('POST', `${servicePath(id)}/enable`, options);
  }

  /** Takes a service out of decisions without forgetting it. */
  async disable(id: string, reason?: string, options: ChangeOptions = {}): Promise<void> {
    const body = reason === undefined ? {} : { body: jsonBody({ reason }) };
    await this.#transport.text('POST', `${servicePath(id)}/disable`, { ...body, ...options });
  }

  service(id: string): Promise<Registered> {
    return this.#transport.json('GET', servicePath(id));
  }

  /** How the service kept its promises in the last history epoch, and its circuit breaker. */
  history(id: string): Promise<ServiceHistory> {
    return this.#transport.json('GET', `${servicePath(id)}/history`);
  }

  async services(after?: string): Promise<Page<ServiceSummary>> {
    const path = `/api/v1/services${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`;
    const answer = await this.#transport.json<{ services: ServiceSummary[]; next_after?: string }>(
      'GET',
      path,
    );
    return {
      items: answer.services,
      ...(answer.next_after === undefined ? {} : { next: answer.next_after }),
    };
  }

  /** Puts a policy in force, or replaces it by a new version: a path, a text, or the wire form. */
  putPolicy(policy: DocumentSource, options: ChangeOptions = {}): Promise<PolicyInForce> {
    return this.#transport.json('POST', '/api/v1/policies', { body: documentBody(policy), ...options });
  }

  async removePolicy(id: string, options: ChangeOptions = {}): Promise<void> {
    await this.#transport.text('DELETE', `/api/v1/policies/${encodeURIComponent(id)}`, options);
  }

  /** Replaces the parameters as a whole. */
  putParameters(parameters: DocumentSource, options: ChangeOptions = {}): Promise<ParametersInForce> {
    return this.#transport.json('PUT', '/api/v1/parameters', { body: documentBody(parameters), ...options });
  }

  /** The parameters in force. */
  parameters(): Promise<ParametersInForce> {
    return this.#transport.json('GET', '/api/v1/parameters');
  }

  /** Puts the record of an API key that was made here: `caio api-key issue --offline` makes one. */
  putKey(id: string, record: DocumentSource, options: ChangeOptions = {}): Promise<KeySummary> {
    return this.#transport.json('PUT', keyPath(id), { body: documentBody(record), ...options });
  }

  /** The key is refused from the answer on. */
  async revokeKey(id: string, options: ChangeOptions = {}): Promise<void> {
    await this.#transport.text('DELETE', keyPath(id), options);
  }

  /** Which services match a request, and how far the others get. Nothing is recorded or called. */
  discover(request: WireRequestDocument, cancel: Cancel = {}): Promise<Discovered> {
    return this.#decision('/api/v1/discover', request, cancel);
  }

  /** Decides only: certified and logged, but no service is called. A refusal is an answer here, not an error. */
  route(request: WireRequestDocument, cancel: Cancel = {}): Promise<Decided> {
    return this.#decision('/api/v1/route', request, cancel);
  }

  /** Decides and executes. Throws a RefusedError, with the id of the decision, when no service may serve the request. */
  orchestrate(request: WireRequestDocument, cancel: Cancel = {}): Promise<Orchestrated> {
    return this.#decision('/api/v1/orchestrate', request, cancel);
  }

  /** Decides and executes; the result arrives chunk by chunk. Leaving the loop, or `signal`, cancels the call at the service. */
  orchestrateStream(request: WireRequestDocument, cancel: Cancel = {}): Promise<ResultStream> {
    return openStream(this.#transport, withSeed(request), cancel.signal);
  }

  /** A decision with its attempts and outcomes. */
  trace(decisionId: string): Promise<Trace> {
    return this.#transport.json('GET', tracePath(decisionId));
  }

  /** Decisions of the caller's tenant (of every tenant with scope admin), the latest first, chosen by any combination of the query. */
  async traces(query: TraceQuery = {}): Promise<Page<TraceSummary>> {
    const path = `/api/v1/traces${queryText(query)}`;
    const answer = await this.#transport.json<{ traces: TraceSummary[]; next_cursor?: string }>('GET', path);
    return pageOf(answer.traces, answer.next_cursor);
  }

  /** Transmissions of payloads of every tenant, the latest first, each with what became of it. Needs scope audit; the read is logged. */
  async auditAttempts(query: AttemptQuery = {}): Promise<Page<AuditedAttempt>> {
    const path = `/api/v1/audit/attempts${queryText(query)}`;
    const answer = await this.#transport.json<{ attempts: AuditedAttempt[]; next_cursor?: string }>(
      'GET',
      path,
    );
    return pageOf(answer.attempts, answer.next_cursor);
  }

  /** Entries of the log, in its order; `next` of the page is the `from` of the next one. Needs scope audit; the read is logged. */
  async auditEntries(query: EntryQuery = {}): Promise<Page<AuditedEntry>> {
    const path = `/api/v1/audit/entries${queryText(query)}`;
    const answer = await this.#transport.json<{ entries: AuditedEntry[]; next_from?: number }>('GET', path);
    return pageOf(answer.entries, answer.next_from === undefined ? undefined : String(answer.next_from));
  }

  /**
   * Text of the bundle that a verification at `level` needs; write it to a file as it is. Throws an UnavailableError while no checkpoint of level
   * 4 or 5 is over the decision yet.
   */
  bundle(decisionId: string, level: Level = 3): Promise<string> {
    return this.#transport.text('GET', `${tracePath(decisionId)}/bundle?level=${level}`);
  }

  /** Where the log has the decision: a C2SP tlog-proof, at level 5 under a checkpoint that its witnesses have cosigned. */
  proof(decisionId: string, level: 4 | 5 = 4): Promise<string> {
    return this.#transport.text('GET', `${tracePath(decisionId)}/proof?level=${level}`, {
      accept: 'text/plain',
    });
  }

  /**
   * A receipt of the decision to keep: fetched, and returned only once it is verified here. With `witnesses` it is one that they have cosigned. Throws a
   * ReceiptError with what is false about it.
   */
  async receipt(decisionId: string, options: ReceiptOptions): Promise<DecisionReceipt> {
    const trace = await this.trace(decisionId);
    const proof = await this.proof(decisionId, options.witnesses === undefined ? 4 : 5);
    return receiptOf(trace, proof, options);
  }

  /**
   * Fetches the bundle and checks it here, with the independent verifier: the server's word is not taken for anything but
   * what the report lists as attested. `key` is the operator's verifier key, obtained some other way than from this server.
   */
  async verifyTrace(decisionId: string, options: VerificationOptions): Promise<VerificationReport> {
    const level = options.level ?? 3;
    return verify(await this.bundle(decisionId, level), { ...options, level });
  }

  #decision<Answer>(path: string, request: WireRequestDocument, { signal }: Cancel): Promise<Answer> {
    const options = { body: jsonBody(withSeed(request)), ...(signal === undefined ? {} : { signal }) };
    return this.#transport.json('POST', path, options);
  }
}

/** `localhost:8080` parses too, as a URL of the scheme `localhost`; a password in a URL would be repeated in errors. */
function isHttpUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return /^https?:$/.test(url?.protocol ?? '') && url?.username === '' && url.password === '';
}

function servicePath(id: string): string {
  return `/api/v1/services/${encodeURIComponent(id)}`;
}

function pageOf<Item>(items: readonly Item[], next: string | undefined): Page<Item> {
  return next === undefined ? { items } : { items, next };
}

function queryText(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(
    Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
  ).toString();
  return text === '' ? '' : `?${text}`;
}

function keyPath(id: string): string {
  return `/api/v1/keys/${encodeURIComponent(id)}`;
}

function tracePath(decisionId: string): string {
  return `/api/v1/traces/${encodeURIComponent(decisionId)}`;
}

function documentBody(source: DocumentSource): NonNullable<CallOptions['body']> {
  const text = documentText(source);
  return { text, type: `application/${documentFormat(text)}` };
}

function jsonBody(value: unknown): NonNullable<CallOptions['body']> {
  return { text: JSON.stringify(value), type: 'application/json' };
}
