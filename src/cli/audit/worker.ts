import { parentPort } from 'node:worker_threads';
import { LocalChecker } from '../../auditor/decision-check.js';
import type { FromWorker, ToWorker } from './worker-message.js';

/** A thread that checks decisions: it keeps one state, and takes the steps of it as the log has them. */
const checker = new LocalChecker();

parentPort?.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'begin':
      checker.begin(message.state);
      return;
    case 'step':
      checker.step(message.step);
      return;
    case 'check': {
      const faults = message.tasks.flatMap((task) => checker.faultsOf(task));
      parentPort?.postMessage({ id: message.id, faults } satisfies FromWorker);
    }
  }
});
