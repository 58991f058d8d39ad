import { HttpException } from '@nestjs/common';
import { InvalidTokenError } from '#identity/identity-errors';
import type { RefusalDetails, RefusalKind } from '#lifecycle/refused';
import { QueueFullError } from '#lifecycle/stream-queue';
import { OWN_CODES, problem, ProblemError, problemOf, titleOf } from '#use-cases/problems';
import type { Problem, ProblemCode } from '#use-cases/problems';

/** The HTTP status of each problem. */
const STATUS = {
  'invalid-payload': 400,
  'invalid-parameter': 400,
  'invalid-header': 400,
  'malformed-request': 400,
  unauthenticated: 401,
  'invalid-claim': 401,
  'role-not-permitted': 403,
  'other-organisation': 403,
  'separation-of-duties': 403,
  'foreign-host': 421,
  'own-body-decides': 403,
  'sign-in-failed': 401,
  'sign-in-too-large': 403,
  'form-from-elsewhere': 403,
  'not-found': 404,
  'unknown-command': 404,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  'request-timeout': 408,
  'command-not-allowed': 409,
  'id-already-used': 409,
  'decides-outdated': 409,
  'closure-request-needed': 409,
  'history-differs': 409,
  'file-differs': 409,
  'already-delivered': 409,
  'checkpoint-refused': 409,
  'pack-too-large': 422,
  'version-mismatch': 412,
  'payload-too-large': 413,
  'file-too-large': 413,
  'unsupported-media-type': 415,
  'expectation-failed': 417,
  'effective-date-in-future': 422,
  'effective-date-out-of-order': 422,
  'effective-date-not-yours': 422,
  'effective-date-before-issue': 422,
  'effective-date-before-threshold': 422,
  'deadline-ambiguous': 422,
  'deadline-unknown': 422,
  'owner-unknown': 422,
  'owner-ambiguous': 422,
  'name-from-token': 409,
  'due-in-past': 422,
  'too-many-webhooks': 422,
  'too-many-deadlines': 422,
  'deadline-not-later': 422,
  'successor-is-itself': 422,
  'successor-not-found': 422,
  'record-full': 422,
  'successor-closed': 422,
  'supersede-cycle': 422,
  'event-not-found': 422,
  'not-correctable': 422,
  'correction-ambiguous': 422,
  'effective-date-of-correction': 422,
  'publication-out-of-range': 422,
  'not-redactable': 422,
  'too-many-calendar-links': 422,
  'too-many-searches': 422,
  'too-many-watches': 422,
  'too-many-marks': 422,
  'text-not-printable': 422,
  'not-a-register-record': 422,
  'repeated-in-file': 422,
  'too-many-records': 422,
  'idempotency-key-reused': 422,
  'rate-limited': 429,
  'headers-too-large': 431,
  'store-damaged': 500,
  'read-models-damaged': 500,
  'illegal-transition': 500,
  'internal-error': 500,
  'unknown-lifecycle': 501,
  'unknown-shape': 501,
  'unknown-form': 501,
  'store-incapable': 501,
  'store-unavailable': 503,
  'clock-jumped': 503,
  'log-rolled-back': 503,
  'too-busy': 503,
  'query-too-slow': 503,
  'identity-provider-unavailable': 503,
  'read-model-behind': 503,
} as const satisfies Record<ProblemCode, number>;

/** The HTTP status of refusals with a lifecycle's own code. */
const STATUS_OF_KIND = {
  'not-found': 404,
  invalid: 400,
  role: 403,
  'key-reused': 422,
  version: 412,
  state: 409,
  people: 403,
  rule: 422,
} as const satisfies Record<RefusalKind, number>;

export const PROBLEM_CODES: readonly string[] = [...Object.keys(STATUS), ...OWN_CODES.keys()];

export function statusOf(code: string, kind = OWN_CODES.get(code) ?? null): number {
  if (Object.hasOwn(STATUS, code)) return STATUS[code as ProblemCode];
  return kind === null ? 500 : STATUS_OF_KIND[kind];
}

/** Every problem of the API with its status and title. The code's URN is RFC 9457's type. */
export const PROBLEMS = Object.fromEntries(
  PROBLEM_CODES.map((code) => [code, { status: statusOf(code), title: titleOf(code) }]),
) as Record<ProblemCode, { readonly status: number; readonly title: string }>;

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

const RETRY_AFTER_SECONDS = 1;

const retryAfter = (error: unknown): number =>
  error instanceof QueueFullError ? error.retryAfter : RETRY_AFTER_SECONDS;

interface ProblemAnswer {
  readonly problem: SentProblem;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it is an error of the service, which is logged. */
  readonly unexpected: boolean;
}

/** Maps an error to a response. An unknown error is a fault of the server and discloses nothing. */
export function answerOf(error: unknown, route?: string): ProblemAnswer {
  const { code, kind, title, detail, members, isFault } = problemOf(error) ?? ofTheFramework(error);
  const status = statusOf(code, kind);
  const headers: Record<string, string> = {};
  if (status === 503) headers['retry-after'] = String(retryAfter(error));
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
