import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import files from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { HttpParts } from '#platform/http-parts';
import { ASSETS_FOLDER, ASSETS_PREFIX } from './assets.ts';
import { addFormParsers } from './read-forms.ts';
import type { PagesParts } from './page-context.ts';
import { isPagePath } from './page-paths.ts';

/** Smaller pages are not compressed. */
const COMPRESSED_BYTES_MIN = 1_024;

/** Sets up sessions, forms, assets and compression. */
export async function preparePages(
  fastify: FastifyInstance,
  {
    sessions,
    signIn,
    provider,
    bodies,
    people,
  }: Pick<HttpParts, 'sessions' | 'signIn' | 'provider' | 'bodies' | 'people'>,
  { publicUrl }: Pick<PagesParts, 'publicUrl'>,
): Promise<void> {
  const isDevelopment = provider === null;
  fastify.decorate('pages', { sessions, signIn, isDevelopment, publicUrl, bodies, people });
  fastify.decorateRequest('session', null);
  await fastify.register(cookie);
  // Responses of the API are not compressed here.
  fastify.addHook('onRoute', (route) => {
    if (isPagePath(route.url)) route.compress ??= {};
  });
  await fastify.register(compress, { global: false, threshold: COMPRESSED_BYTES_MIN });
  await fastify.register(files, {
    root: ASSETS_FOLDER,
    prefix: ASSETS_PREFIX,
    decorateReply: false,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '1y',
  });
  addFormParsers(fastify);
}
