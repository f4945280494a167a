// Plays a cloud provider: an OpenAI-compatible server that knows nothing of CAIO.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ChatBody, completion, completionChunks, reply } from './chat.js';
import { announce, endWithParent } from './run.js';

const model = 'cirrus-large-2';

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => {
  announce({ service: 'cirrus', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
});
endWithParent(async () => {
  server.close();
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
    return json(response, 404, 'not found');
  const body = read(text);
  if (body?.model !== model) return json(response, 404, 'there is no such model');
  const content = reply(body, 'Cirrus, in the cloud,');
  if (content === undefined) return json(response, 400, 'messages are missing');
  if (!body.stream) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(completion(body, model, content)));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const chunk of completionChunks(body, model, content))
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  response.end('data: [DONE]\n\n');
}

function read(text: string): (ChatBody & { readonly stream?: unknown }) | undefined {
  try {
    return JSON.parse(text) as ChatBody;
  } catch {
    return undefined;
  }
}

function json(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message, type: 'invalid_request_error' } }));
}
