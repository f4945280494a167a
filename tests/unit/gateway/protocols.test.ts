import { describe, expect, it } from 'vitest';
import type { Certificate, Promised } from '../../../src/contracts/certificate.js';
import type { Api, Contract } from '../../../src/contracts/contract.js';
import { protocols } from '../../../src/gateway/protocols.js';

const certificate = {
  id: 'd'.repeat(64),
  inputs: { request: { intent: { type: 'search' } } },
} as unknown as Certificate;

function encode(api: Api, payload: unknown, stream = false) {
  const contract = { id: 'a', api } as unknown as Contract;
  return protocols[api.protocol].encode({ contract, certificate, promise: {} as Promised, payload, stream });
}

function decode(protocol: Api['protocol'], text: string, contentType = 'application/json', streamed = false) {
  return protocols[protocol].decode({ bytes: Buffer.from(text), contentType, streamed });
}

const get: Api = {
  protocol: 'http',
  url: 'http://h:1/base/',
  endpoints: { search: { method: 'GET', path: '/find?v=1' } },
};
const put: Api = { ...get, endpoints: { search: { method: 'PUT', path: '/index' } } };

describe('the http protocol', () => {
  it('carries the payload of a GET as a query, escaped', () => {
    const message = encode(get, { q: 'a&b=\r\nc', n: 2, all: true });
    if (!message.ok) throw new Error(message.error);
    expect(message.value.url.href).toBe('http://h:1/base/find?v=1&q=a%26b%3D%0D%0Ac&n=2&all=true');
    expect(message.value.body).toBeUndefined();
  });

  it('carries the payload of a PUT as JSON', () => {
    const message = encode(put, { q: ['x'] });
    if (!message.ok) throw new Error(message.error);
    expect([message.value.method, message.value.url.href, message.value.body]).toEqual([
      'PUT',
      'http://h:1/base/index',
      '{"q":["x"]}',
    ]);
  });

  it.each([
    ['an intent without endpoint', { ...get, endpoints: {} }, {}, /no endpoint/],
    ['an intent that is an inherited member', { ...get, endpoints: {} as never }, {}, /no endpoint/],
    ['a nested member in a GET', get, { q: { a: 1 } }, /strings, numbers or booleans/],
    ['a list in a GET', get, [1], /an object/],
    [
      'a path that climbs out of the URL',
      { ...get, endpoints: { search: { method: 'POST' as const, path: '/../admin' } } },
      {},
      /leaves the URL/,
    ],
    ['another scheme', { ...put, url: 'file:///etc' }, {}, /no http or https/],
    ['a credential in the URL', { ...put, url: 'http://u:p@h/' }, {}, /holds a credential/],
  ])('refuses %s', (_, api, payload, message) => {
    const encoded = encode(api, payload);
    expect(encoded.ok ? '' : encoded.error).toMatch(message);
  });

  it('keeps a path with two slashes on the host of the contract', () => {
    const encoded = encode(
      { ...put, url: 'http://h', endpoints: { search: { method: 'POST', path: '//evil/x' } } },
      {},
    );
    expect(encoded.ok && encoded.value.url.host).toBe('h');
  });

  it('checks what is called JSON and leaves the rest alone', () => {
    expect(decode('http', '{"a":').ok).toBe(false);
    expect(decode('http', '{"a":', 'application/problem+json; charset=utf-8').ok).toBe(false);
    expect(decode('http', '{"a":', 'text/plain').ok).toBe(true);
  });
});

describe('the openai protocol', () => {
  const api: Api = { protocol: 'openai', url: 'https://h/v1/', model: 'm-1' };

  it('keeps every member of the body but model and stream', () => {
    const message = encode(api, { model: 'caio:chat', stream: true, tools: [{ a: 1 }], seed: 3 });
    if (!message.ok) throw new Error(message.error);
    expect(message.value.url.href).toBe('https://h/v1/chat/completions');
    expect(JSON.parse(message.value.body ?? '')).toEqual({
      model: 'm-1',
      stream: false,
      tools: [{ a: 1 }],
      seed: 3,
    });
  });

  it('leaves stream out when nobody named it', () => {
    const message = encode(api, { messages: [] });
    expect(message.ok && message.value.body).toBe('{"messages":[],"model":"m-1"}');
  });

  it('refuses a payload that is no object', () => {
    for (const payload of [undefined, null, [], 'x', 1]) expect(encode(api, payload).ok).toBe(false);
  });

  it('passes the answer on unchanged and reads its usage, cached tokens apart', () => {
    const text =
      '{ "n": 1.0, "usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":6}}}';
    const decoded = decode('openai', text);
    if (!decoded.ok) throw new Error(decoded.error);
    expect(Buffer.from(decoded.value.body).toString()).toBe(text);
    expect(decoded.value.usage).toEqual({ input_tokens: 4, output_tokens: 4, cached_tokens: 6 });
  });

  it('reads the usage of a stream from its tail, also when the tail begins in mid-line', () => {
    const tail =
      'ge":{"prompt_tokens":1}}\n\ndata: {"usage":{"prompt_tokens":5,"completion_tokens":2}}\n\ndata: [DONE]\n\n';
    const decoded = decode('openai', tail, '', true);
    expect(decoded.ok && decoded.value.usage).toEqual({ input_tokens: 5, output_tokens: 2 });
  });

  it('ignores a usage that is none', () => {
    for (const usage of ['"many"', '{"prompt_tokens":-1}', '{"prompt_tokens":1.5}', 'null', '[]']) {
      const decoded = decode('openai', `{"usage":${usage}}`);
      expect(decoded.ok && decoded.value.usage).toBe(undefined);
    }
  });
});

describe('an answer nested deeper than CAIO could write again is out of protocol', () => {
  const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}"[[\\"[["${'}]'.repeat(levels / 2)}`;
  const answers = {
    http: (text: string) => text,
    caio: wrapped('result'),
    openai: wrapped('choices'),
  } as const;
  function wrapped(member: string) {
    return (text: string) => `{"${member}":${text}}`;
  }

  it.each(['http', 'caio', 'openai'] as const)('%s', (protocol) => {
    expect(decode(protocol, answers[protocol](nested(254))).ok).toBe(true);
    expect(decode(protocol, answers[protocol](nested(258))).ok).toBe(false);
    expect(decode(protocol, answers[protocol](nested(400_000))).ok).toBe(false);
  });
});
