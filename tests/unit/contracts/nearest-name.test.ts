import { expect, it } from 'vitest';
import { nearestName } from '../../../src/contracts/nearest-name.js';

const fields = ['max_cost_usd', 'max_latency_ms', 'latency_p95_ms', 'latency_p99_ms', 'privacy', 'on_device'];

it.each([
  ['max_cost', 'max_cost_usd'],
  ['maxCostUsd', 'max_cost_usd'],
  ['max-latency-ms', 'max_latency_ms'],
  ['latency_p95', 'latency_p95_ms'],
  ['latencey_p99_ms', 'latency_p99_ms'],
  ['pirvacy', 'privacy'],
  ['ON_DEVICE', 'on_device'],
  ['colour', undefined],
  ['', undefined],
  ['x'.repeat(100_000), undefined],
])('%s stands for %s', (name, expected) => expect(nearestName(name, fields)).toBe(expected));
