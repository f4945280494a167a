import type { SourceDocument } from '../../kernel/json.js';
import type { Result } from '../../kernel/result.js';
import type { Identity } from '../identity/identity.js';
import type { Scope } from '../identity/scope.js';
import type { Answer } from './answer.js';
import type { Failure } from './failure.js';

/** What a handler sees of a request. The path and query are checked by the handler, the credential was checked before. */
export interface Exchange {
  /** Who asks. Absent only on routes with scope `open`. */
  readonly identity: Identity;
  readonly path: { readonly [name: string]: string };
  /** Single-valued query parameters; a repeated one was refused. */
  readonly query: { readonly [name: string]: string };
  /** Lower-case names; a repeated header is joined as Node joins it. */
  readonly header: (name: string) => string | undefined;
  readonly hasBody: boolean;
  /** The body as a document, JSON or YAML by its media type. */
  readonly document: () => Result<SourceDocument, Failure>;
  /** Aborted when the caller leaves before the answer is complete. */
  readonly signal: AbortSignal;
}

export interface OpenApiOperation {
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly parameters?: readonly object[];
  /** Name of the schema of the body in `components`. */
  readonly body?: string;
  /** Status → what it means, and the schema of its body. */
  readonly answers: { readonly [status: string]: { readonly description: string; readonly schema?: string } };
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Fastify syntax: `/api/v1/services/:id`. */
  readonly url: string;
  /** One of these scopes is needed; `any`: any credential; `loopback`: none from the machine itself. */
  readonly scopes: readonly Scope[] | 'any' | 'loopback';
  readonly body: 'none' | 'document' | 'payload';
  /** How errors look: RFC 9457, or as clients of the OpenAI API expect them. */
  readonly surface: 'caio' | 'openai';
  readonly operation: OpenApiOperation;
  readonly handle: (exchange: Exchange) => Answer | Promise<Answer>;
}
