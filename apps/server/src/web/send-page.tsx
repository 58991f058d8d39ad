import type { FastifyReply, FastifyRequest } from 'fastify';
import { renderToString } from 'preact-render-to-string';
import { FormParts } from './forms/post-form.tsx';
import { Layout } from './layout.tsx';
import type { Page } from './layout.tsx';
import { withNames } from './names.ts';
import { contextOf } from './page-context.ts';

/** Responds with a page; the status is 400 for refused input, unless another is passed. */
export async function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  page: Page,
  status = page.isRefused === true ? 400 : 200,
): Promise<void> {
  const context = contextOf(request);
  const html = await withNames(request.server.pages, () =>
    renderToString(
      <FormParts.Provider value={context}>
        <Layout page={page} context={context} />
      </FormParts.Provider>,
    ),
  );
  // Fastify would encode a string twice: for its length and to send it.
  const document = Buffer.from(`<!DOCTYPE html>\n${html}\n`);
  await reply.status(status).type('text/html; charset=utf-8').send(document);
}
