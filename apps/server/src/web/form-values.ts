import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '#use-cases/problems';
import { isPagePath } from './page-paths.ts';
import { MARK_FIELD } from './page-context.ts';

/** What was typed into a form, by the names of its fields; what was given several times keeps its order. */
export type FormValues = URLSearchParams;

/** A form with long texts in any script: each byte may take three characters. */
const FORM_BYTES_MAX = 4 * 1024 * 1024;
const FIELDS_MAX = 1_000;

/** Reads forms that are sent to pages; the API takes none, and says so as it does of any other media type. */
export function readForms(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
    (request, body, done) => {
      const values = new URLSearchParams(String(body));
      if (!isPagePath(request.url)) done(new ProblemError('unsupported-media-type', 'Send JSON'));
      else if (values.size > FIELDS_MAX)
        done(new ProblemError('malformed-request', 'The form has too many fields'));
      else done(null, values);
    },
  );
}

/**
 * What a form of this session brings.
 * @throws ProblemError where it is none, or was made for another session.
 */
export function formOf(request: FastifyRequest): FormValues {
  const { body, session, server } = request;
  if (!(body instanceof URLSearchParams))
    throw new ProblemError('unsupported-media-type', 'Send the form from its page');
  if (session !== null && !server.pages.sessions.isMarkOf(session, body.get(MARK_FIELD) ?? ''))
    throw new ProblemError(
      'form-from-elsewhere',
      'The form was made for another sign-in; open its page and send it again',
    );
  return body;
}
