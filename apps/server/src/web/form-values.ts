import type { FastifyRequest } from 'fastify';
import { ProblemError } from '#use-cases/problems';
import { MARK_FIELD } from './page-context.ts';

/** An uploaded file. */
export interface SentFile {
  /** The name of the form field. */
  readonly field: string;
  readonly name: string;
  readonly bytes: Buffer;
}

/** The values of a form by field name. Repeated fields keep their order. */
export class FormValues extends URLSearchParams {
  readonly files: SentFile[] = [];

  /** Returns a field's value; empty if it is missing. */
  text(name: string): string {
    return this.get(name) ?? '';
  }
}

/**
 * Returns the values of a form without checking its session. Use it only to show them again.
 * @throws ProblemError if the body is not a form.
 */
export function typedInto({ body }: FastifyRequest): FormValues {
  if (body instanceof FormValues) return body;
  throw new ProblemError('unsupported-media-type', 'Send the form from its page');
}

/** Returns whether the form was made for this session. */
export const isOfSession = ({ session, server }: FastifyRequest, form: FormValues): boolean =>
  session !== null && server.pages.sessions.isMarkOf(session, form.text(MARK_FIELD));

/**
 * Returns the values of a form of this session.
 * @throws ProblemError if the body is not a form, or was made for another session.
 */
export function formOf(request: FastifyRequest): FormValues {
  const form = typedInto(request);
  if (request.session !== null && !isOfSession(request, form))
    throw new ProblemError(
      'form-from-elsewhere',
      'The form belongs to a different session; open its page and send the form again',
    );
  return form;
}
