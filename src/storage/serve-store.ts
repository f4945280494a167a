import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { Defect } from '../kernel/errors.js';
import {
  type Answered,
  type Asked,
  type CloseCall,
  failureOf,
  opening,
  type ThreadData,
} from './thread-messages.js';

/** What the thread behind a `StoreThread` does: opens the store, and performs what it is asked. */
export async function serveStore<
  Store extends { close(): Promise<void> },
  Call extends { readonly name: string },
>(
  open: (data: ThreadData) => Promise<Store>,
  perform: (store: Store, call: Exclude<Call, CloseCall>) => Promise<unknown>,
): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Defect('internal', 'this module is the beginning of a thread');
  let store: Store;
  try {
    store = await open(workerData as ThreadData);
  } catch (error) {
    port.postMessage({ id: opening, failure: failureOf(error) } satisfies Answered);
    return;
  }
  const answer = async ({ id, call }: Asked<Call>): Promise<Answered> => {
    try {
      const value = isClose(call)
        ? await store.close()
        : await perform(store, call as Exclude<Call, CloseCall>);
      return { id, value };
    } catch (error) {
      return { id, failure: failureOf(error) };
    }
  };
  port.on('message', async (asked: Asked<Call>) => {
    refuseWithoutRoom();
    port.postMessage(await answer(asked));
    if (isClose(asked.call)) port.close();
  });
  port.postMessage({ id: opening, value: undefined } satisfies Answered);
}

/**
 * Ends the thread before a call that its heap may not suffice for. The lmdb package does not survive a thread that ends in the middle of a
 * transaction: it waits for a lock that this very thread has, and so does everybody who wants to write, until the process ends. Nothing but an
 * exhausted heap ends a thread there. A store needs some 10 MB; half of the heap is taken when something leaks, or when it was made too small.
 */
function refuseWithoutRoom(): void {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  if (used > limit / 2) throw new Error(`more than half of its heap is taken, ${used} of ${limit} bytes`);
}

function isClose(call: { readonly name: string }): call is CloseCall {
  return call.name === 'close';
}
