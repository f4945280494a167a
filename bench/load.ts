import { Pool } from 'undici';
import type { BenchServer } from './servers.js';

/** What is sent in turn, and what makes an answer one that counts: it throws on any other. */
export interface Load {
  readonly path: string;
  readonly bodies: readonly string[];
  readonly check: (status: number, headers: Readonly<Record<string, unknown>>, text: string) => void;
}

/** Loads the server for that long from that many connections; the latency of each answer in microseconds. */
export async function load(
  { url, key }: BenchServer,
  { path, bodies, check }: Load,
  connections: number,
  millis: number,
): Promise<readonly number[]> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const latencies: number[] = [];
  const end = performance.now() + millis;
  let next = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const body = bodies[next % bodies.length] as string;
      next += 1;
      const sent = performance.now();
      const answer = await pool.request({ method: 'POST', path, headers, body });
      const text = await answer.body.text();
      latencies.push((performance.now() - sent) * 1e3);
      check(answer.statusCode, answer.headers, text);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  await pool.close();
  return latencies;
}

/** Loads several servers in turn, round by round, so that what else the machine does falls on all of them. */
export async function loadInTurn<Kind extends string>(
  servers: ReadonlyMap<Kind, BenchServer>,
  loadOf: (kind: Kind) => Load,
  connections: number,
  pace: { readonly rounds: number; readonly roundMillis: number; readonly warmUpMillis: number },
): Promise<(kind: Kind) => Measured> {
  const latencies = new Map<Kind, number[]>();
  for (const [kind, server] of servers) await load(server, loadOf(kind), connections, pace.warmUpMillis);
  for (let round = 0; round < pace.rounds; round += 1) {
    for (const [kind, server] of servers) {
      const before = latencies.get(kind) ?? [];
      const more = await load(server, loadOf(kind), connections, pace.roundMillis);
      latencies.set(kind, [...before, ...more]);
    }
  }
  const seconds = (pace.rounds * pace.roundMillis) / 1e3;
  return (kind) => measuredOf(latencies.get(kind) ?? [], seconds);
}

export interface Measured {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly at: (quantile: number) => number;
}

function measuredOf(latencies: readonly number[], seconds: number): Measured {
  const sorted = [...latencies].sort((a, b) => a - b);
  const last = sorted.length - 1;
  return {
    perSecond: sorted.length / seconds,
    at: (quantile) => (sorted[Math.min(last, Math.floor(quantile * sorted.length))] ?? Number.NaN) / 1e3,
  };
}
