import type { AddressInfo } from 'node:net';
import type { Log } from '../log/log.js';
import type { Snapshot } from '../orchestrator/snapshot.js';
import type { SigningKey } from '../proofs/signing-key.js';
import { accessRecorder } from './access.js';
import { type Clock, strictlyRising } from './clock.js';
import type { Executor } from './decisions/executor.js';
import type { DecisionPorts } from './decisions/ports.js';
import { historyKeeper } from './history-keeper.js';
import { jsonText } from './http/answer.js';
import { App } from './http/app.js';
import { addDocs } from './http/docs.js';
import type { WriteLog } from './http/log-line.js';
import { type Rate, rateLimiter } from './http/rate-limit.js';
import type { Route } from './http/route.js';
import type { KeyRealm } from './identity/api-key.js';
import { authenticator } from './identity/authenticate.js';
import { type JwtTrust, jwtVerifier } from './identity/jwt.js';
import { defaultLimits, type Limits } from './limits.js';
import { createMetrics } from './metrics.js';
import { openApiDocument } from './openapi/document.js';
import { memoryLogVault } from './openings/memory-log-vault.js';
import type { Vault } from './openings/vault.js';
import { auditRoutes } from './routes/audit.js';
import { decisionRoutes } from './routes/decisions.js';
import { erasureRoutes } from './routes/erasures.js';
import { historyRoutes } from './routes/history.js';
import { keyRoutes } from './routes/keys.js';
import { logRoutes } from './routes/log.js';
import { openAiRoutes } from './routes/openai.js';
import { operationRoutes } from './routes/operations.js';
import { parameterRoutes } from './routes/parameters.js';
import { policyRoutes } from './routes/policies.js';
import { proofRoutes } from './routes/proof.js';
import { serviceRoutes } from './routes/services.js';
import { traceRoutes } from './routes/traces.js';
import type { Witnessed } from './witnesses/witnessed.js';

export interface ServerOptions {
  /** Of this program, as /health and /openapi.json say it. */
  readonly version: string;
  readonly clock: Clock;
  /** That many bytes from a cryptographic source. */
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log<Snapshot>;
  readonly signingKey: SigningKey;
  readonly execute: Executor;
  /** Issuer and audience that API keys stand for in decisions; both must be accepted by the parameters. Default `caio`. */
  readonly realm?: { readonly issuer: string; readonly audience: string };
  /** Absent: no JWT is accepted. */
  readonly jwt?: JwtTrust;
  /** Where openings are kept, opened for this log. Absent: in memory, gone with the process. The server does not close it. */
  readonly vault?: Vault;
  /** How often time is looked at for epochs and breakers that are due. Default 1,000. */
  readonly historyLookMillis?: number;
  readonly limits?: Partial<Limits>;
  /** What witnesses have cosigned of the log. Absent: it has none. */
  readonly witnessed?: Witnessed;
  /** Absent: no rate limit. */
  readonly rate?: Rate;
  readonly writeLog?: WriteLog;
}

export interface CaioServer {
  /** Starts to listen; the URL to reach it. Port 0 takes any free one. */
  listen(options: { readonly host: string; readonly port: number }): Promise<string>;
  /** Takes no more requests, waits for those under way, then stops. */
  close(): Promise<void>;
  readonly routes: readonly Route[];
  readonly openApi: Readonly<Record<string, unknown>>;
}

/** The server around an open log. Nothing listens yet; nothing is read from disk or environment here. */
export async function createServer(options: ServerOptions): Promise<CaioServer> {
  const { log, random, version } = options;
  const clock = strictlyRising(options.clock);
  const limits = { ...defaultLimits, ...options.limits };
  const vault = options.vault ?? (await memoryLogVault(log, clock, random));
  const { openings } = vault;
  const realm: KeyRealm = {
    issuer: options.realm?.issuer ?? 'caio',
    audience: options.realm?.audience ?? 'caio',
    subjectOf: (key) => openings.subjectOf(key),
    readSubject: (key) => openings.readSubject(key),
  };
  const metrics = createMetrics({
    logSize: () => log.size,
    services: () => log.view.folded.state.contracts.length,
    policies: () => log.view.folded.state.policies.length,
    epoch: () => log.view.folded.epoch.epoch - 1,
    breaches: () => log.view.folded.breaches.length,
    heldOut: () => log.view.folded.state.availability.filter(({ state }) => state === 'held_out').length,
    ...(options.witnessed === undefined ? {} : { witnessed: options.witnessed }),
  });
  let draining = false;
  const { signingKey, execute } = options;
  const keeper = historyKeeper({
    log,
    clock,
    everyMillis: options.historyLookMillis ?? 1000,
    onFault: () => metrics.keeperFailed(),
  });
  const outcomeRecorded = () => keeper.tend();
  const access = accessRecorder(log, clock);
  const { witnessed } = options;
  const ports: DecisionPorts = {
    ...{ log, clock, random, openings, signingKey, execute, metrics, outcomeRecorded, access },
    ...(witnessed === undefined ? {} : { witnessed }),
  };
  const routes = routesOf(ports, vault, realm, version, () => draining);

  const app = new App({
    authenticate: authenticator({
      keys: () => log.view.folded.keys,
      realm,
      ...(options.jwt === undefined ? {} : { jwt: jwtVerifier(options.jwt) }),
    }),
    // Credentials are held against the clock as it is; only decisions need times of their own.
    clock: options.clock,
    random,
    limits,
    ...(options.rate === undefined ? {} : { rate: rateLimiter(options.rate) }),
    observe: (line) => {
      metrics.answered(line);
      // A connection whose last answer ended while the server stops would be kept open for the next request.
      if (draining) setImmediate(() => app.fastify.server.closeIdleConnections());
      options.writeLog?.(line);
    },
    draining: () => draining,
  });
  const openApi = openApiDocument(routes, version);
  app.add([...routes, openApiRoute(openApi)]);
  await addDocs(app.fastify, openApi);
  await app.fastify.ready();

  return {
    routes,
    openApi,
    listen: async ({ host, port }) => {
      await app.fastify.listen({ host, port });
      const address = app.fastify.server.address() as AddressInfo;
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      return `http://${name}:${address.port}`;
    },
    close: async () => {
      draining = true;
      const cutOff = setTimeout(() => app.fastify.server.closeAllConnections(), limits.drainMillis);
      await app.fastify.close().finally(() => clearTimeout(cutOff));
      await keeper.stop();
    },
  };
}

function routesOf(
  ports: DecisionPorts,
  vault: Vault,
  realm: KeyRealm,
  version: string,
  draining: () => boolean,
): readonly Route[] {
  const { log, metrics } = ports;
  return [
    ...serviceRoutes(ports),
    ...historyRoutes(ports),
    ...decisionRoutes(ports),
    ...traceRoutes(ports),
    ...proofRoutes(ports),
    ...policyRoutes(ports),
    ...parameterRoutes(ports),
    ...keyRoutes({ ...ports, realm }),
    ...erasureRoutes({ vault }),
    ...logRoutes(ports),
    ...auditRoutes(ports),
    ...openAiRoutes(ports),
    ...operationRoutes({ log, metrics, vault, draining, version }),
  ];
}

function openApiRoute(document: Readonly<Record<string, unknown>>): Route {
  const answer = jsonText(200, JSON.stringify(document));
  return {
    method: 'GET',
    url: '/openapi.json',
    scopes: 'any',
    body: 'none',
    surface: 'caio',
    operation: {
      summary: 'This description',
      tag: 'operations',
      answers: { 200: { description: 'OpenAPI 3.1' } },
    },
    handle: () => answer,
  };
}
