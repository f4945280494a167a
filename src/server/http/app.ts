import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Clock } from '../clock.js';
import type { Authenticate } from '../identity/authenticate.js';
import { anonymous, credentialFailureText, type Identity } from '../identity/identity.js';
import { holdsScope } from '../identity/scope.js';
import type { Limits } from '../limits.js';
import type { Answer } from './answer.js';
import { bodyFormat, readBody } from './body.js';
import { type Failure, failure, statusOf } from './failure.js';
import type { LogLine } from './log-line.js';
import type { RateLimiter } from './rate-limit.js';
import type { Exchange, Route } from './route.js';
import { send } from './send.js';
import { takeTurns } from './turns.js';
import { failureOfThrown, stackFrames } from './unexpected.js';
import { refuseUnreadable } from './unreadable.js';

export interface AppOptions {
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly limits: Limits;
  readonly rate?: RateLimiter;
  /** Called once a request, after its answer has left or its caller has. */
  readonly observe: (line: LogLine) => void;
  /** True when no further request is to be taken. */
  readonly draining: () => boolean;
}

/** What is known of a request that is under way. */
interface Passage {
  readonly route: Route | undefined;
  readonly started: number;
  identity: Identity;
  facts: Partial<LogLine>;
}

/**
 * The HTTP layer: credentials, limits, media types, errors and log lines, the same for every route. Handlers see `Exchange` and return
 * `Answer`; nothing that a client sends makes it throw past here.
 */
export class App {
  readonly fastify: FastifyInstance;
  readonly #options: AppOptions;
  readonly #passages = new WeakMap<FastifyRequest, Passage>();
  readonly #turn: () => Promise<void>;

  constructor(options: AppOptions) {
    this.#options = options;
    this.#turn = takeTurns(() => options.clock.monotonicMicros());
    this.fastify = fastify({
      logger: false,
      http: { maxHeaderSize: options.limits.headerBytes, headersTimeout: options.limits.requestMillis },
      requestTimeout: options.limits.requestMillis,
      keepAliveTimeout: options.limits.keepAliveMillis,
      bodyLimit: options.limits.bodyBytes,
      return503OnClosing: false,
      genReqId: () => Buffer.from(options.random(8)).toString('hex'),
      requestIdHeader: false,
      routerOptions: { maxParamLength: 128, ignoreTrailingSlash: false },
      frameworkErrors: (error, request, reply) => {
        this.#begin(request);
        void this.#answer(request, reply, failureOfThrown(error)).then(() => this.#end(request, reply));
      },
      clientErrorHandler: refuseUnreadable,
    });
    this.#install();
  }

  #install(): void {
    const app = this.fastify;
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.addHook('onRequest', async (request, reply) => {
      const refused = await this.#admit(request);
      if (refused === undefined) return undefined;
      await this.#answer(request, reply, refused);
      return reply;
    });
    app.addHook('onResponse', async (request, reply) => this.#end(request, reply));
    app.setErrorHandler((error, request, reply) => this.#fail(request, reply, error));
    app.setNotFoundHandler(async (request, reply) => {
      await this.#answer(request, reply, failure('not_found'));
      return reply;
    });
  }

  /** Adds routes, and for each path an answer to the methods that it does not have. */
  add(routes: readonly Route[]): void {
    for (const route of routes) this.#addRoute(route);
    for (const url of new Set(routes.map((route) => route.url))) {
      const methods = routes.filter((route) => route.url === url).map((route) => route.method as string);
      const others = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].filter(
        (name) => !methods.includes(name),
      );
      const refused = failure('method_not_allowed', undefined, { headers: { allow: methods.join(', ') } });
      this.fastify.route({
        method: others,
        url,
        handler: async (request, reply) => {
          await this.#answer(request, reply, refused);
          return reply;
        },
      });
    }
  }

  #addRoute(route: Route): void {
    const { limits } = this.#options;
    this.fastify.route({
      method: route.method,
      url: route.url,
      bodyLimit: route.body === 'payload' ? limits.payloadBytes : limits.bodyBytes,
      config: { caio: route },
      handler: async (request, reply) => {
        // What has a body to work on waits for its turn; a look at the health or the log does not.
        if (route.body !== 'none') await this.#turn();
        const exchange = this.#exchange(request, reply, route);
        const answer = exchange.ok ? await route.handle(exchange.value) : exchange.error;
        await this.#answer(request, reply, answer);
        return reply;
      },
    });
  }

  #begin(request: FastifyRequest): Passage {
    const { caio: route } = request.routeOptions.config as { readonly caio?: Route };
    const started = this.#options.clock.monotonicMicros();
    const passage: Passage = { route, started, identity: anonymous, facts: {} };
    this.#passages.set(request, passage);
    return passage;
  }

  /** Who asks, and whether they may: before the body is read. `undefined` lets the request in. */
  async #admit(request: FastifyRequest): Promise<Failure | undefined> {
    const passage = this.#begin(request);
    const { clock, rate } = this.#options;
    if (this.#options.draining()) {
      return failure('unavailable', 'CAIO is stopping.', {
        headers: { connection: 'close', 'retry-after': '1' },
      });
    }
    const required = passage.route?.scopes ?? 'any';
    if (required === 'loopback' && isLoopback(request.raw.socket)) return undefined;
    const time = clock.wallMicros();
    const page = isDocumentation(request.routeOptions.url ?? '');
    const identity = await this.#options.authenticate(request.raw, time, page ? 'bearer or basic' : 'bearer');
    if (!identity.ok) {
      passage.facts = { ...passage.facts, reason: identity.error };
      const challenge = page ? 'Bearer realm="caio", Basic realm="caio"' : 'Bearer realm="caio"';
      return failure('unauthenticated', credentialFailureText[identity.error], {
        members: { reason: identity.error },
        headers: { 'www-authenticate': challenge },
      });
    }
    passage.identity = identity.value;
    const wait = rate === undefined ? 0 : rate(identity.value, clock.monotonicMicros());
    if (wait > 0) return failure('rate_limited', undefined, { headers: { 'retry-after': String(wait) } });
    if (typeof required !== 'object' || holdsScope(identity.value.scopes, required)) return undefined;
    const detail = `The credential lacks the scope ${required.join(' or ')}.`;
    return failure('forbidden', detail, { members: { scopes: required } });
  }

  #exchange(
    request: FastifyRequest,
    reply: FastifyReply,
    route: Route,
  ): { readonly ok: true; readonly value: Exchange } | { readonly ok: false; readonly error: Failure } {
    const query = singleValues(request.query);
    if (query === undefined) {
      return { ok: false, error: failure('invalid_request', 'A query parameter is given more than once.') };
    }
    const { limits } = this.#options;
    const kind = route.body === 'payload' ? 'payload' : 'document';
    let signal: AbortSignal | undefined;
    const value: Exchange = {
      identity: this.#passages.get(request)?.identity ?? anonymous,
      path: request.params as Exchange['path'],
      query,
      header: (name) => {
        const header = request.headers[name];
        return typeof header === 'object' ? header.join(', ') : header;
      },
      hasBody: ((request.body as Buffer | undefined)?.length ?? 0) > 0,
      document: () => readBody(request.body as Buffer | undefined, bodyFormat(request.headers), kind, limits),
      // Few routes listen to it.
      get signal() {
        signal ??= signalOf(reply.raw);
        return signal;
      },
    };
    return { ok: true, value };
  }

  async #answer(request: FastifyRequest, reply: FastifyReply, answer: Answer): Promise<void> {
    const passage = this.#passages.get(request);
    if (passage !== undefined) {
      passage.facts = {
        ...passage.facts,
        ...(answer.kind === 'failure' ? { code: answer.code } : {}),
        ...factsOf(answer),
      };
    }
    // What has no route of its own is told apart by its path.
    const surface = passage?.route?.surface ?? (request.url.startsWith('/v1/') ? 'openai' : 'caio');
    await send(reply, answer, surface, request.id);
  }

  async #fail(request: FastifyRequest, reply: FastifyReply, error: unknown): Promise<FastifyReply> {
    const answer = failureOfThrown(error);
    const passage = this.#passages.get(request) ?? this.#begin(request);
    if (statusOf(answer) === 500) passage.facts = { ...passage.facts, stack: stackFrames(error) };
    await this.#answer(request, reply, answer);
    return reply;
  }

  #end(request: FastifyRequest, reply: FastifyReply): void {
    const passage = this.#passages.get(request);
    if (passage === undefined) return;
    const { clock, observe } = this.#options;
    const { key_id: keyId } = passage.identity.document.caller;
    observe({
      time_micros: clock.wallMicros(),
      request: request.id,
      method: request.method,
      route: passage.route?.url ?? request.routeOptions.url ?? 'unknown',
      status: reply.raw.statusCode,
      micros: clock.monotonicMicros() - passage.started,
      ...(keyId === '' ? {} : { key_id: keyId }),
      ...passage.facts,
    });
  }
}

/** The decision an answer is about, from its own headers. */
function factsOf({ headers }: Answer): Partial<LogLine> {
  const decision = headers?.['x-caio-decision-id'];
  const index = headers?.['x-caio-log-index'];
  return {
    ...(decision === undefined ? {} : { decision }),
    ...(index === undefined ? {} : { log_index: Number(index) }),
  };
}

function singleValues(query: unknown): { readonly [name: string]: string } | undefined {
  const values = query as { readonly [name: string]: unknown };
  return Object.values(values).every((value) => typeof value === 'string')
    ? (values as { readonly [name: string]: string })
    : undefined;
}

function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (response.destroyed && !response.writableFinished) controller.abort();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/**
 * What people open in a browser. A browser sends a password that it was given to every path of the origin by itself, so only here, where
 * nothing can be changed, is one accepted.
 */
function isDocumentation(url: string): boolean {
  return url === '/openapi.json' || url === '/docs' || url.startsWith('/docs/');
}

function isLoopback(socket: Socket): boolean {
  const address = socket.remoteAddress ?? '';
  return address === '::1' || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);
}
