import { parentPort, workerData } from 'node:worker_threads';
import { Defect } from '../kernel/errors.js';
import {
  type Answered,
  type Asked,
  type CloseCall,
  failureOf,
  type Opened,
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
    port.postMessage({ failure: failureOf(error) } satisfies Opened);
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
    port.postMessage(await answer(asked));
    if (isClose(asked.call)) port.close();
  });
  port.postMessage({ opened: true } satisfies Opened);
}

function isClose(call: { readonly name: string }): call is CloseCall {
  return call.name === 'close';
}
