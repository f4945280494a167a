import { defineService, PayloadRefused } from 'caio/sdk';
import { evaluate } from './expression.js';
import { contractPath, run } from './run.js';

await run(
  defineService({
    contract: contractPath('abacus'),
    execute({ intent, payload }) {
      const { expression, sample } = (payload ?? {}) as {
        readonly expression?: unknown;
        readonly sample?: unknown;
      };
      if (intent.type === 'arithmetic' && typeof expression === 'string') {
        const value = evaluate(expression);
        if (value === undefined) throw new PayloadRefused('the expression cannot be evaluated');
        return { result: { expression, value } };
      }
      if (intent.type === 'statistics' && isSample(sample)) return { result: statistics(sample) };
      throw new PayloadRefused('arithmetic needs an expression, statistics a sample of numbers');
    },
    verifyGuarantees: (promise) => ({ holds: promise.deadline_micros > 0, reason: 'no time is left' }),
  }),
);

function isSample(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
}

function statistics(sample: readonly number[]) {
  const sorted = [...sample].sort((a, b) => a - b);
  const n = sorted.length;
  const sum = sorted.reduce((total, value) => total + value, 0);
  const mean = sum / n;
  const middle = n >> 1;
  const median = n % 2 === 1 ? sorted[middle] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  const variance = n === 1 ? 0 : sorted.reduce((total, value) => total + (value - mean) ** 2, 0) / (n - 1);
  return {
    n,
    sum,
    mean,
    median,
    minimum: sorted[0],
    maximum: sorted[n - 1],
    standard_deviation: Math.sqrt(variance),
  };
}
