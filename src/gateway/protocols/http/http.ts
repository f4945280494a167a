import { err, ok, type Result } from '../../../kernel/result.js';
import { jsonMembers, jsonValue } from '../../json-members.js';
import type { Protocol } from '../../protocol.js';
import { serviceUrl } from '../../service-url.js';

/**
 * Declared endpoints: the contract names a method and a path per intent type. POST and PUT carry the payload as JSON; GET
 * carries its members, which are then strings, numbers or booleans, as a query. The answer is passed on as it is.
 */
export const http: Protocol = {
  encode({ contract, certificate, payload, stream }) {
    const intent = certificate.inputs.request.intent.type;
    const endpoints = contract.api.endpoints ?? {};
    const endpoint = Object.hasOwn(endpoints, intent) ? endpoints[intent] : undefined;
    if (endpoint === undefined) return err(`the contract declares no endpoint for the intent ${intent}`);
    const url = serviceUrl(contract.api.url, endpoint.path);
    if (!url.ok) return url;
    const accept = stream ? 'text/event-stream, */*;q=0.5' : '*/*';
    if (endpoint.method === 'GET') {
      const query = addQuery(url.value, payload);
      return query.ok ? ok({ method: 'GET', url: query.value, headers: { accept } }) : query;
    }
    return ok({
      method: endpoint.method,
      url: url.value,
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify(payload ?? null),
    });
  },

  decode({ contentType, bytes, streamed }) {
    if (!streamed && isJson(contentType) && jsonValue(bytes.toString('utf8')) === undefined) {
      return err('the answer is called JSON and is none, or is nested too deep');
    }
    return ok({ body: bytes });
  },
};

function addQuery(url: URL, payload: unknown): Result<URL, string> {
  const members = payload === undefined || payload === null ? {} : jsonMembers(payload);
  if (members === undefined) return err('a payload sent by GET is an object');
  for (const [name, value] of Object.entries(members)) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      return err('a payload sent by GET has members that are strings, numbers or booleans');
    }
    url.searchParams.append(name, String(value));
  }
  return ok(url);
}

function isJson(contentType: string): boolean {
  return /^application\/([^;]+\+)?json\b/i.test(contentType);
}
