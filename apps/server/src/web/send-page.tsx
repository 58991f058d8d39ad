import type { FastifyReply, FastifyRequest } from 'fastify';
import { renderToString } from 'preact-render-to-string';
import { Layout } from './layout.tsx';
import type { Page } from './layout.tsx';
import { withNames } from './names.ts';
import { contextOf } from './page-context.ts';

/** Answers with a page. */
export async function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  page: Page,
  status = 200,
): Promise<void> {
  const context = contextOf(request);
  const html = await withNames(request.server.pages, () =>
    renderToString(<Layout page={page} context={context} />),
  );
  await reply.status(status).type('text/html; charset=utf-8').send(`<!DOCTYPE html>\n${html}\n`);
}
