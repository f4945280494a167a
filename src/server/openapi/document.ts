import type { Route } from '../http/route.js';
import { answerSchemas } from './answer-schemas.js';
import { documentSchemas } from './document-schemas.js';
import { parameters } from './parameters.js';

/**
 * The OpenAPI 3.1 description of `routes`. Bodies are the schemas of configs/schemas/, so that what is described is what is
 * checked; errors are the same everywhere and described once.
 */
export function openApiDocument(
  routes: readonly Route[],
  version: string,
): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = pathOf(route.url).replace(/:([a-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'CAIO',
      version,
      summary: 'Decides which AI service may and should serve a request, and proves it',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { ...documentSchemas(), ...answerSchemas },
      parameters,
      securitySchemes: {
        credential: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key (caio_<id>_<secret>) or a JWT of the accepted issuer. Nothing but /health from the machine itself is open.',
        },
      },
    },
    security: [{ credential: [] }],
  };
}

/** The rest of a path, which may hold slashes, is a parameter too. */
function pathOf(url: string): string {
  return url.replace(/\*$/, ':path');
}

function operationOf({ url, scopes, body, operation }: Route): object {
  const inPath = [...pathOf(url).matchAll(/:([a-z]+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const needs = typeof scopes === 'string' ? [] : [`Needs scope ${scopes.join(' or ')}.`];
  const description = [operation.description, ...needs].filter((part) => part !== undefined).join(' ');
  return {
    summary: operation.summary,
    ...(description === '' ? {} : { description }),
    tags: [operation.tag],
    ...(scopes === 'loopback' ? { security: [{}, { credential: [] }] } : {}),
    parameters: [...inPath, ...(operation.parameters ?? [])],
    ...(body === 'none' || operation.body === undefined ? {} : { requestBody: bodyOf(operation.body) }),
    responses: {
      ...answersOf(operation.answers),
      default: problem('Any other failure, as RFC 9457 problem details'),
    },
  };
}

function bodyOf(schema: string): object {
  const content = { schema: { $ref: `#/components/schemas/${schema}` } };
  const yaml = schema === 'ChatCompletion' ? {} : { 'application/yaml': content };
  return { required: schema !== 'Reason', content: { 'application/json': content, ...yaml } };
}

function answersOf(answers: Route['operation']['answers']): object {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema }]) => {
      if (schema === undefined)
        return [status, status.startsWith('2') ? { description } : problem(description)];
      const media = schema === 'Problem' ? 'application/problem+json' : 'application/json';
      return [
        status,
        { description, content: { [media]: { schema: { $ref: `#/components/schemas/${schema}` } } } },
      ];
    }),
  );
}

function problem(description: string): object {
  return {
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}
