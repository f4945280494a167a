// Runs the engine against the verifier on generated decisions until the time is up, on every core:
//   node scripts/fuzz/differential.mjs [--seconds 600] [--seed N] [--workers N]
// Exit 1 on a disagreement, which is shrunken and kept in tests/vectors/differential; 2 for wrong use. Each worker has a seed of its own:
// the base seed and its number. What one worker does is a function of its seed, except where it stops.
import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const worker = fileURLToPath(new URL('./differential-worker.ts', import.meta.url));

function readOptions() {
  const { values } = parseArgs({
    options: { seconds: { type: 'string' }, seed: { type: 'string' }, workers: { type: 'string' } },
  });
  const natural = (name, otherwise) => {
    const value = Number(values[name] ?? otherwise);
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} is a natural number`);
    return value;
  };
  return {
    seconds: natural('seconds', 600),
    seed: natural('seed', randomInt(2 ** 32)),
    workers: Math.max(1, natural('workers', availableParallelism())),
  };
}

function options() {
  try {
    return readOptions();
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

const { seconds, seed, workers } = options();
console.log(`base seed ${seed}, ${workers} workers, ${seconds} s: repeat with --seed ${seed}`);

const totals = new Map();
let found = 0;
let broken = 0;
const started = Date.now();

function line() {
  const sum = (what) => [...totals.values()].reduce((all, counts) => all + (counts[what] ?? 0), 0);
  const elapsed = Math.round((Date.now() - started) / 1000);
  const shown = ['cases', 'routed', 'refused', 'bundles'].map((what) => `${sum(what)} ${what}`);
  return `${elapsed} s of ${seconds}: ${shown.join(', ')}, ${found} disagreements`;
}

const children = Array.from({ length: workers }, (_, i) => {
  const given = [String(seed + i), String(seconds)];
  const child = fork(worker, given, { execArgv: ['--import', 'tsx'] });
  child.on('message', (message) => {
    if (message.kind === 'progress') totals.set(i, message.counts);
    else {
      found += 1;
      console.log(`\n${message.text}`);
    }
  });
  return new Promise((resolve) => {
    child.on('exit', (code) => {
      if (code !== 0) broken += 1;
      resolve();
    });
  });
});

const isTerminal = process.stdout.isTTY;
const ticker = setInterval(
  () => (isTerminal ? process.stdout.write(`\r${line()}`) : console.log(line())),
  isTerminal ? 1_000 : 30_000,
);
await Promise.all(children);
clearInterval(ticker);
console.log(`${isTerminal ? '\r' : ''}${line()}`);
if (broken > 0) console.log(`${broken} workers ended before their time`);
process.exit(found > 0 || broken > 0 ? 1 : 0);
