import { json } from '../http/answer.js';
import { failure } from '../http/failure.js';
import type { Route } from '../http/route.js';
import type { Metrics } from '../metrics.js';
import type { Vault } from '../openings/vault.js';
import type { StatePorts } from '../state-change.js';

export interface OperationPorts extends StatePorts {
  readonly metrics: Metrics;
  readonly vault: Pick<Vault, 'check'>;
  readonly draining: () => boolean;
  readonly version: string;
}

/** For those who keep the server running. */
export function operationRoutes(ports: OperationPorts): readonly Route[] {
  const { log, metrics, vault, draining, version } = ports;
  const shared = { method: 'GET', surface: 'caio', body: 'none' } as const;
  const tag = 'operations';
  return [
    {
      ...shared,
      url: '/health',
      scopes: 'loopback',
      operation: {
        summary:
          'Whether the process answers; open to the machine itself, and to nobody else without a credential',
        tag,
        answers: { 200: { description: 'It does' } },
      },
      handle: () => json(200, { status: 'ok', version }),
    },
    {
      ...shared,
      url: '/ready',
      scopes: 'any',
      operation: {
        summary: 'Whether decisions can be made and recorded',
        tag,
        answers: { 200: { description: 'They can' }, 503: { description: 'Not now' } },
      },
      handle: async () => {
        if (draining()) return failure('unavailable', 'CAIO is stopping.');
        await Promise.all([log.check(), vault.check()]);
        return json(200, { status: 'ready' });
      },
    },
    {
      ...shared,
      url: '/metrics',
      scopes: ['metrics'],
      operation: {
        summary: 'Prometheus metrics',
        tag,
        answers: { 200: { description: 'Text exposition format' } },
      },
      handle: async () => ({
        kind: 'raw',
        status: 200,
        headers: { 'content-type': metrics.registry.contentType },
        body: await metrics.registry.metrics(),
      }),
    },
  ];
}
