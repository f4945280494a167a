import type { Readable } from 'node:stream';
import type { Failure } from './failure.js';

export const jsonType = 'application/json; charset=utf-8';

export type Headers = { readonly [name: string]: string };

export interface JsonAnswer {
  readonly kind: 'json';
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Headers;
}

/** Bytes or text as they are; the content type is among the headers. */
export interface RawAnswer {
  readonly kind: 'raw';
  readonly status: number;
  readonly body: Uint8Array | string;
  readonly headers: Headers;
}

/** Bytes as they come. A body that errors breaks the connection, so that nobody takes a part for the whole. */
export interface StreamAnswer {
  readonly kind: 'stream';
  readonly status: number;
  readonly body: Readable;
  readonly headers: Headers;
}

export type Answer = JsonAnswer | RawAnswer | StreamAnswer | Failure;

export function json(status: number, body: unknown, headers?: Headers): JsonAnswer {
  return headers === undefined ? { kind: 'json', status, body } : { kind: 'json', status, body, headers };
}

/** JSON that was written already. */
export function jsonText(status: number, body: string, headers: Headers = {}): RawAnswer {
  return { kind: 'raw', status, body, headers: { 'content-type': jsonType, ...headers } };
}

/** The JSON of an object and one member more, whose text is written already. */
export function withMember(object: { readonly [name: string]: unknown }, name: string, text: string): string {
  const head = JSON.stringify(object).slice(0, -1);
  return `${head}${head === '{' ? '' : ','}${JSON.stringify(name)}:${text}}`;
}
