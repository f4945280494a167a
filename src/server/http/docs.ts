import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** The page at /docs: everything it shows comes from this server, so it works without a network. Needs a credential like the rest. */
export async function addDocs(
  app: FastifyInstance,
  document: Readonly<Record<string, unknown>>,
): Promise<void> {
  await app.register(fastifySwagger, {
    mode: 'static',
    // The plugin's type knows OpenAPI 3.0 and 3.1 documents by their exact shape; ours is made, not written.
    specification: { document: document as never },
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    uiConfig: { docExpansion: 'list', deepLinking: true, tryItOutEnabled: false },
  });
}
