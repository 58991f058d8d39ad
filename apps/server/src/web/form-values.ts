import type { FastifyRequest } from 'fastify';
import { ProblemError } from '#use-cases/problems';
import { MARK_FIELD } from './page-context.ts';

/** A file that came with a form. It is not kept: what stays is what it is called and what its bytes hash to. */
export interface SentFile {
  /** The form's field. */
  readonly field: string;
  readonly name: string;
  readonly mediaType: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Its bytes, of a field whose files are read; else empty. */
  readonly bytes: Buffer;
  /** Whether more came than is taken, so that size and digest are of a part of it. */
  readonly isCut: boolean;
}

/** What was typed into a form, by the names of its fields; what was given several times keeps its order. */
export class FormValues extends URLSearchParams {
  readonly files: SentFile[] = [];

  /** What a field holds; empty where it was left alone. */
  text(name: string): string {
    return this.get(name) ?? '';
  }
}

/**
 * What a form brings, whoever sent it: to show it again, and for nothing else.
 * @throws ProblemError where it is none.
 */
export function typedInto({ body }: FastifyRequest): FormValues {
  if (body instanceof FormValues) return body;
  throw new ProblemError('unsupported-media-type', 'Send the form from its page');
}

/** Whether a form was made for the session in which it is sent. */
export const isOfSession = ({ session, server }: FastifyRequest, form: FormValues): boolean =>
  session !== null && server.pages.sessions.isMarkOf(session, form.text(MARK_FIELD));

/**
 * What a form of this session brings.
 * @throws ProblemError where it is none, or was made for another session.
 */
export function formOf(request: FastifyRequest): FormValues {
  const form = typedInto(request);
  if (request.session !== null && !isOfSession(request, form))
    throw new ProblemError(
      'form-from-elsewhere',
      'The form was made for another sign-in; open its page and send it again',
    );
  return form;
}
