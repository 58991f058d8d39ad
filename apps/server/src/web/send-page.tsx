import type { FastifyReply, FastifyRequest } from 'fastify';
import { renderToString } from 'preact-render-to-string';
import { Layout } from './layout.tsx';
import type { Page } from './layout.tsx';
import { contextOf } from './page-context.ts';

/** Answers with a page. */
export async function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  page: Page,
  status = 200,
): Promise<void> {
  const html = `<!DOCTYPE html>\n${renderToString(<Layout page={page} context={contextOf(request)} />)}\n`;
  await reply.status(status).type('text/html; charset=utf-8').send(html);
}
