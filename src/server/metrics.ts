import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Certificate } from '../contracts/certificate.js';
import type { Measured } from '../log/entry.js';
import type { LogLine } from './http/log-line.js';
import type { Witnessed } from './witnesses/witnessed.js';

export interface Metrics {
  readonly registry: Registry;
  answered(line: LogLine): void;
  decided(certificate: Certificate): void;
  attempted(measured: Measured): void;
  /** What is due in the history could not be recorded; it is tried again. */
  keeperFailed(): void;
}

/** What is read at the time of the scrape. */
export interface Gauges {
  readonly logSize: () => number;
  readonly services: () => number;
  readonly policies: () => number;
  readonly epoch: () => number;
  readonly breaches: () => number;
  readonly heldOut: () => number;
  readonly witnessed?: Witnessed;
}

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Prometheus metrics in a registry of their own. Labels have few values: no ids, no paths as sent. */
export function createMetrics(gauges: Gauges): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'caio_http_requests_total',
    help: 'Requests by method, route template and status',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'caio_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['route'],
    buckets: secondsBuckets,
    registers,
  });
  const decisions = new Counter({
    name: 'caio_decisions_total',
    help: 'Recorded decisions; a refusal by the step that left no service',
    labelNames: ['outcome', 'step'],
    registers,
  });
  const attempts = new Counter({
    name: 'caio_attempts_total',
    help: 'Calls to services by how they ended',
    labelNames: ['result', 'code'],
    registers,
  });
  const attemptSeconds = new Histogram({
    name: 'caio_attempt_duration_seconds',
    help: 'Time from the first byte sent to a service to the last one received',
    labelNames: ['result'],
    buckets: secondsBuckets,
    registers,
  });
  addGauge(registry, 'caio_log_size', 'Entries in the log', gauges.logSize);
  addGauge(registry, 'caio_services', 'Registered services', gauges.services);
  addGauge(registry, 'caio_policies', 'Policies in force', gauges.policies);
  addGauge(registry, 'caio_history_epoch', 'Number of the last closed history epoch', gauges.epoch);
  addGauge(registry, 'caio_breached_promises', 'Promises that the last epoch refutes', gauges.breaches);
  addGauge(registry, 'caio_services_held_out', 'Services held out of decisions', gauges.heldOut);
  const keeperFailures = new Counter({
    name: 'caio_history_keeper_failures_total',
    help: 'Looks after which an epoch or a breaker could not be recorded',
    registers,
  });
  if (gauges.witnessed !== undefined) addWitnesses(registry, gauges.witnessed);
  return {
    registry,
    answered: ({ method, route, status, micros }) => {
      requests.inc({ method, route, status: String(status) });
      durations.observe({ route }, micros / 1e6);
    },
    decided: ({ outcome }) => {
      const step = outcome.decision === 'refused' ? outcome.step : '';
      decisions.inc({ outcome: outcome.decision, step });
    },
    attempted: ({ result, code, latency_micros: latencyMicros }) => {
      attempts.inc({ result, code: code ?? '' });
      attemptSeconds.observe({ result }, latencyMicros / 1e6);
    },
    keeperFailed: () => keeperFailures.inc(),
  };
}

function addGauge(registry: Registry, name: string, help: string, read: () => number): void {
  const gauge = new Gauge({
    name,
    help,
    registers: [],
    collect() {
      this.set(read());
    },
  });
  registry.registerMetric(gauge);
}

function addWitnesses(registry: Registry, witnessed: Witnessed): void {
  const newest = () => witnessed.newest?.size ?? 0;
  addGauge(
    registry,
    'caio_witnessed_size',
    'Entries under a checkpoint that the quorum of witnesses has cosigned',
    newest,
  );
  new Gauge({
    name: 'caio_witness_size',
    help: 'Entries under the checkpoint that a witness has cosigned last',
    labelNames: ['witness'],
    registers: [registry],
    collect() {
      for (const [witness, size] of witnessed.sizes) this.set({ witness }, size);
    },
  });
  new Counter({
    name: 'caio_witness_submissions_total',
    help: 'Checkpoints put to witnesses by how that ended',
    labelNames: ['witness', 'result'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { witness, result, count } of witnessed.submissions) this.inc({ witness, result }, count);
    },
  });
}
