import { HttpException } from '@nestjs/common';
import { InvalidTokenError } from '#identity/identity-errors';
import type { RefusalDetails } from '#lifecycle/refused';
import { problem, ProblemError, problemOf } from '#use-cases/problems';
import type { Problem, ProblemCode } from '#use-cases/problems';

/** A problem whose response has additional headers. */
export class HttpProblemError extends ProblemError {
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, headers: HttpProblemError['headers']) {
    super(code, detail);
    this.headers = headers;
  }
}

/** A problem as sent (RFC 9457). */
export interface SentProblem extends RefusalDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

/** The maximum size of a JSON body, in bytes. */
export const JSON_BYTES_MAX = 1024 * 1024;

const RETRY_AFTER_SECONDS = '1';

interface ProblemAnswer {
  readonly problem: SentProblem;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it is an error of the service, which is logged. */
  readonly unexpected: boolean;
}

/** Maps an error to a response. An unknown error is a fault of the server and discloses nothing. */
export function answerOf(error: unknown, route?: string): ProblemAnswer {
  const { code, status, title, detail, members, isFault } = problemOf(error) ?? ofTheFramework(error);
  const headers: Record<string, string> = {};
  if (status === 503) headers['retry-after'] = RETRY_AFTER_SECONDS;
  if (status === 401) headers['www-authenticate'] = challengeOf(error, route);
  if (error instanceof HttpProblemError) Object.assign(headers, error.headers);
  const sent = { type: `urn:docket:problem:${code}`, title, status, detail, ...members };
  return { problem: sent, headers, unexpected: isFault };
}

/** A calendar feed: calendar programs can send a password but no bearer token. */
export const CALENDAR_PATH = '/api/deadlines.ics';

function challengeOf(error: unknown, route: string | undefined): string {
  // Programs prompt for a password only if the response offers Basic authentication.
  if (route === CALENDAR_PATH) return 'Bearer, Basic realm="docket"';
  // RFC 6750, section 3: a request without a token gets no error code.
  return error instanceof InvalidTokenError
    ? 'Bearer realm="docket", error="invalid_token"'
    : 'Bearer realm="docket"';
}

/** Maps refusals of Fastify and Nest, which occur before a controller is reached. */
function ofTheFramework(error: unknown): Problem {
  const status =
    error instanceof HttpException
      ? error.getStatus()
      : (error as { statusCode?: unknown } | null | undefined)?.statusCode;
  switch (status) {
    case 403: // A path outside the documentation's files.
    case 404:
    case 414: // Longer than any id or name.
      return problem('not-found', 'There is no such route; /api/docs lists all routes');
    case 405:
      return problem(
        'method-not-allowed',
        'The route does not support this method; /api/docs lists all routes',
      );
    case 413:
      return problem(
        'payload-too-large',
        `The request body is too large for this route; JSON can have at most ${JSON_BYTES_MAX} bytes. Send a smaller body`,
      );
    case 415:
      return problem(
        'unsupported-media-type',
        'The media type is not supported here. Send JSON as application/json, and register records as text/plain',
      );
    case 400:
      return problem('malformed-request', malformedDetail(error));
    default:
      return problem(
        'internal-error',
        "The server logged the error with this response's correlation id. Give that id to your administrator",
      );
  }
}

function malformedDetail(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return /JSON|prototype property/i.test(message)
    ? 'The request body is not valid JSON'
    : 'The server cannot parse the request. Check its URL, headers and body';
}
