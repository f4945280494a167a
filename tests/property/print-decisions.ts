import fc from 'fast-check';
import { canonicalText } from '../../src/kernel/canonical.js';
import { sha256 } from '../../src/kernel/digest.js';
import { decide } from '../../src/orchestrator/decide.js';
import { inputs, snapshotOf } from '../unit/orchestrator/world.js';
import { worlds } from './small-world.js';

/** Run by itself: prints the digest of each of `count` certificates for the worlds that `seed` draws. */
const [seed, count] = process.argv.slice(2).map(Number);
for (const { state, request, seed: sigma } of fc.sample(worlds(7), {
  seed: seed ?? 0,
  numRuns: count ?? 0,
})) {
  const decision = decide(inputs({ request, seed: sigma }), snapshotOf(state));
  const text = decision.ok ? canonicalText(decision.value.certificate) : JSON.stringify(decision.error);
  console.log(Buffer.from(sha256(Buffer.from(text))).toString('hex'));
}
