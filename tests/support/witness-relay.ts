import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A submission that passed, and what the witness made of it. */
export interface Passed {
  /** What the asker has behind the relay's URL. */
  readonly from: string;
  readonly oldSize: number;
  readonly size: number;
  readonly root: string;
  readonly status: number;
  readonly answer: string;
}

/** Stands before a witness, passes on what it is sent, and remembers it. */
export interface WitnessRelay {
  readonly url: string;
  readonly passed: readonly Passed[];
  /** Where the witness is now. */
  target: string;
  /**
   * The next submission from there that the witness cosigns; the asker is not told, and waits as long as it likes. One at a time.
   */
  keepAnswerTo(from: string): Promise<Passed>;
  close(): Promise<void>;
}

export async function witnessRelay(target: string): Promise<WitnessRelay> {
  const passed: Passed[] = [];
  let keeper: { readonly from: string; readonly keep: (passed: Passed) => void } | undefined;
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const answer = await fetch(`${relay.target}/add-checkpoint`, { method: 'POST', body });
    const text = await answer.text();
    const [, size, root] = body.slice(body.indexOf('\n\n') + 2).split('\n');
    const seen = {
      from: String(request.url).replace(/\/add-checkpoint$/, ''),
      oldSize: Number(/^old (\d+)\n/.exec(body)?.[1]),
      size: Number(size),
      root: String(root),
      status: answer.status,
      answer: text,
    };
    passed.push(seen);
    if (keeper?.from === seen.from && answer.status === 200) {
      keeper.keep(seen);
      keeper = undefined;
      return;
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(text);
  };
  const server = createServer((request, response) => {
    // A witness that is away is so for whoever asks.
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const relay: WitnessRelay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    target,
    keepAnswerTo: (from) =>
      new Promise((keep) => {
        keeper = { from, keep };
      }),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return relay;
}
