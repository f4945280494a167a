// A real service on loopback that keeps its own ledger, and a decided chain to call it with.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../../src/contracts/certificate.js';
import type { Api, Contract } from '../../src/contracts/contract.js';
import { type Connections, openConnections } from '../../src/gateway/connections.js';
import type { Attempt, AttemptOutcome, Call, DecidedChain, ExecutionPorts } from '../../src/gateway/port.js';
import { secretsFrom } from '../../src/gateway/secrets.js';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The attempts that were durable when this request arrived. */
  readonly attemptsBefore: number;
}

export interface TestService {
  readonly url: string;
  readonly seen: Seen[];
  /** Requests whose connection closed before the answer had ended. */
  aborted: number;
  onAborted: () => void;
  close(): Promise<void>;
}

export type Handler = (request: Seen, response: ServerResponse) => void;

export async function startService(handler: Handler, ledger: Ledger): Promise<TestService> {
  const server = createServer(async (request, response) => {
    const attemptsBefore = ledger.attempts.length;
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body,
      attemptsBefore,
    };
    service.seen.push(seen);
    response.on('close', () => {
      if (response.writableFinished) return;
      service.aborted += 1;
      service.onAborted();
    });
    handler(seen, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const service: TestService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    aborted: 0,
    onAborted: () => {},
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return service;
}

/** What the ports recorded, in order. */
export class Ledger {
  readonly attempts: { readonly rank: number; readonly service: string }[] = [];
  readonly outcomes: { readonly rank: number; readonly outcome: AttemptOutcome }[] = [];
}

export function portsOf(
  ledger: Ledger,
  connections: Connections,
  environment: { readonly [name: string]: string } = {},
  origins: readonly string[] = [],
): ExecutionPorts {
  return {
    async attempt(rank, service) {
      // Durability takes a while: a byte that leaves too early is seen.
      await new Promise((resolve) => setTimeout(resolve, 5));
      ledger.attempts.push({ rank, service: service.service });
      return {};
    },
    async outcome(rank, outcome) {
      ledger.outcomes.push({ rank, outcome });
    },
    secrets: secretsFrom({
      environment,
      grants: new Map(Object.keys(environment).map((name) => [`env:${name}`, origins])),
    }),
    now: () => Math.round(performance.now() * 1000),
    connections,
  };
}

export function decidedChain(
  apis: readonly Api[],
  options: { readonly deadlineMicros?: number; readonly fallbackMicros?: number } = {},
): DecidedChain {
  const chain = apis.map(
    (api, rank) => ({ id: `service-${rank}`, version: '1', api }) as unknown as Contract,
  );
  const certificate = {
    id: 'd'.repeat(64),
    inputs: {
      request: {
        intent: { type: 'chat' },
        fallback: { max_services: 3, deadline_micros: options.fallbackMicros ?? 5_000_000 },
      },
    },
    outcome: {
      decision: 'routed',
      chain: chain.map(({ id, version }) => ({ service: id, version, contract: 'c'.repeat(64) })),
      promise: {
        guarantees: {},
        locality: 'local',
        regions: [],
        jurisdictions: [],
        deadline_micros: options.deadlineMicros ?? 20_000_000,
      },
    },
  } as unknown as Certificate;
  return { certificate, chain };
}

export function callOf(payload: unknown, stream = false, signal = new AbortController().signal): Call {
  return { payload, stream, signal };
}

export function kinds(attempts: readonly Attempt[]): string[] {
  return attempts.map(({ outcome }) => (outcome.kind === 'failed' ? outcome.code : outcome.kind));
}

/** Services, connections and ledger of one test, closed together. */
export class Bench {
  readonly ledger = new Ledger();
  readonly connections = openConnections({ perOrigin: 64, connectMillis: 5_000 });
  readonly #services: TestService[] = [];

  ports(environment: { readonly [name: string]: string } = {}): ExecutionPorts {
    const origins = this.#services.map(({ url }) => new URL(url).origin);
    return portsOf(this.ledger, this.connections, environment, origins);
  }

  async service(handler: Handler): Promise<TestService> {
    const service = await startService(handler, this.ledger);
    this.#services.push(service);
    return service;
  }

  async close(): Promise<void> {
    await this.connections.dispatcher.destroy();
    await Promise.all(this.#services.map((service) => service.close()));
  }
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
