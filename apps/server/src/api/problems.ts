import { HttpException } from '@nestjs/common';
import { QueueFullError } from '#lifecycle/stream-queue';
import { CommandRefusedError } from '#lifecycle/refused';
import type { RefusalDetails } from '#lifecycle/refused';
import { hasCode, InvalidPositionError, StoreIncapableError } from '#event-sourcing/errors';
import { InvalidCursorError } from '#read-models/list-cursor';
import { OutboxUnavailableError } from '#notifications/outbox/outbox-database';
import { ReadModelsUnavailableError } from '#read-models/read-model-database';
import { ReadModelMissingError } from '#read-models/read-live';
import { IdentityProviderUnavailableError } from '#identity/openid-provider';
import { InvalidTokenError } from '#identity/identity';
import { RECORD_BYTES_MAX } from '#use-cases/register/import-record';

/** Every problem that the API answers with: its status and its title. RFC 9457 calls the code's URN the type. */
export const PROBLEMS = {
  'invalid-payload': { status: 400, title: 'The request body is not valid' },
  'invalid-parameter': { status: 400, title: 'A parameter of the request is not valid' },
  'invalid-header': { status: 400, title: 'A header of the request is not valid' },
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  unauthenticated: { status: 401, title: 'A valid bearer token is needed' },
  'role-not-permitted': { status: 403, title: 'None of your roles may do this' },
  'other-organisation': { status: 403, title: 'The body is not one of your organisations' },
  'separation-of-duties': { status: 403, title: 'Another person must do this' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'unknown-command': { status: 404, title: 'There is no such command' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'not-acceptable': { status: 406, title: 'None of the accepted media types can be given' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  'command-not-allowed': { status: 409, title: 'The record does not allow this now' },
  'id-already-used': { status: 409, title: 'The id is used already' },
  'history-differs': { status: 409, title: 'The record has another history than this file' },
  'record-is-live': { status: 409, title: 'Decisions on this record are given as commands' },
  'already-delivered': { status: 409, title: 'The message has been delivered' },
  'version-mismatch': { status: 412, title: 'The record has changed since you read it' },
  'payload-too-large': { status: 413, title: 'The request body is too large' },
  'file-too-large': { status: 413, title: 'The file is too large' },
  'unsupported-media-type': { status: 415, title: 'The media type of the body is not supported' },
  'expectation-failed': { status: 417, title: 'What the request expects cannot be met' },
  'effective-date-in-future': { status: 422, title: 'The effective date lies in the future' },
  'effective-date-out-of-order': { status: 422, title: 'The effective date is earlier than what it follows' },
  'effective-date-not-yours': { status: 422, title: "The recipient's people act today" },
  'effective-date-before-issue': { status: 422, title: 'The effective date is earlier than the issue' },
  'deadline-ambiguous': { status: 422, title: 'Several deadlines can be meant' },
  'deadline-unknown': { status: 422, title: 'There is no such deadline' },
  'due-in-past': { status: 422, title: 'The date has passed, or is before the publication' },
  'too-many-deadlines': { status: 422, title: 'The record has as many deadlines as it can' },
  'deadline-not-later': { status: 422, title: 'The new date is not later' },
  'successor-is-itself': { status: 422, title: 'A record cannot take its own place' },
  'successor-not-found': { status: 422, title: 'There is no such successor' },
  'record-full': { status: 422, title: 'The record is full' },
  'successor-closed': { status: 422, title: 'The successor is closed' },
  'supersede-cycle': { status: 422, title: 'The successor was itself superseded by this record' },
  'event-not-found': { status: 422, title: 'The record has no such event' },
  'not-redactable': { status: 422, title: 'Only free text can be redacted' },
  'too-many-calendar-links': { status: 422, title: 'The person has as many calendar links as one can have' },
  'text-not-printable': { status: 422, title: 'A text cannot be printed in this format' },
  'not-a-register-record': { status: 422, title: 'The file looks like no register record' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used for another request' },
  'rate-limited': { status: 429, title: 'You ask more than you may' },
  'headers-too-large': { status: 431, title: 'The headers of the request are too large' },
  'store-damaged': { status: 500, title: 'The event store holds what cannot be read' },
  'read-models-damaged': { status: 500, title: 'The read models are damaged' },
  'internal-error': { status: 500, title: 'Something went wrong here' },
  'store-incapable': { status: 501, title: 'The event store cannot do this' },
  'store-unavailable': { status: 503, title: 'The event store cannot be reached now' },
  'too-busy': { status: 503, title: 'Too much waits already' },
  'identity-provider-unavailable': { status: 503, title: 'Tokens cannot be checked now' },
  'read-model-behind': { status: 503, title: 'The read model has not reached that position yet' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** A refusal that belongs to HTTP rather than to a command. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly details: RefusalDetails;
  /** What the answer's headers say beside it. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    details: RefusalDetails = {},
    headers: ProblemError['headers'] = {},
  ) {
    super(detail);
    this.name = 'ProblemError';
    this.code = code;
    this.details = details;
    this.headers = headers;
  }
}

export interface Problem extends RefusalDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

const RETRY_AFTER_SECONDS = 1;

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it was the service's fault, and belongs in its log. */
  readonly unexpected: boolean;
}

/** What the log has to tell; damage of the store is told by who watches over it. */
const TO_BE_LOGGED: readonly ProblemCode[] = ['internal-error', 'read-models-damaged'];

/** The one place where errors become answers. What is not known here is a fault of ours and says nothing of itself. */
export function problemOf(error: unknown, route?: string): ProblemAnswer {
  const { code, detail, details } = known(error, route);
  const { status, title } = PROBLEMS[code];
  const headers: Record<string, string> = {};
  if (status === 503) headers['retry-after'] = String(RETRY_AFTER_SECONDS);
  if (status === 401) headers['www-authenticate'] = challengeOf(error, route);
  if (error instanceof ProblemError) Object.assign(headers, error.headers);
  const problem = { type: `urn:docket:problem:${code}`, title, status, detail, ...details };
  return { problem, headers, unexpected: TO_BE_LOGGED.includes(code) || isSqliteTrouble(error) };
}

/** A feed that calendar programs subscribe to: they can send a password, and no bearer token. */
export const CALENDAR_PATH = '/api/deadlines.ics';

function challengeOf(error: unknown, route: string | undefined): string {
  // A program asks its user for a password only where it is told to.
  if (route === CALENDAR_PATH) return 'Bearer, Basic realm="docket"';
  // RFC 6750, section 3: who sent no token is not told of an error.
  return error instanceof InvalidTokenError
    ? 'Bearer realm="docket", error="invalid_token"'
    : 'Bearer realm="docket"';
}

interface Known {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly details?: RefusalDetails;
}

function known(error: unknown, route: string | undefined): Known {
  if (error instanceof ProblemError)
    return { code: error.code, detail: error.message, details: error.details };
  if (error instanceof CommandRefusedError && error.code in PROBLEMS) {
    return { code: error.code as ProblemCode, detail: error.message, details: error.details };
  }
  if (error instanceof InvalidTokenError)
    return { code: 'unauthenticated', detail: `The bearer token is refused: ${error.message}` };
  if (error instanceof IdentityProviderUnavailableError)
    return { code: error.code, detail: `${error.message} now; try again shortly` };
  if (error instanceof QueueFullError) return { code: 'too-busy', detail: error.message };
  if (hasCode(error, 'store-unavailable'))
    // An append whose answer was lost may be stored all the same.
    return {
      code: 'store-unavailable',
      detail:
        'It does not answer now. Try again shortly: under one Idempotency-Key a command is carried out once',
    };
  if (hasCode(error, 'store-damaged'))
    return {
      code: 'store-damaged',
      detail:
        'An event that this needs cannot be read, and trying again does not help: the log and readiness say which. All else is served',
    };
  if (isOfCode(error, 'read-models-damaged'))
    return {
      code: 'read-models-damaged',
      detail:
        'Lists and searches cannot be read until they are made anew, as the log says; records are served',
    };
  if (error instanceof StoreIncapableError) return { code: error.code, detail: error.message };
  if (error instanceof InvalidPositionError) return { code: 'invalid-parameter', detail: error.message };
  if (hasCode(error, 'version-conflict')) {
    return {
      code: 'too-busy',
      detail: 'Others wrote to the record all the time; nothing was done, try again shortly',
    };
  }
  if (error instanceof InvalidCursorError) {
    const { message: detail } = error;
    const errors = [{ pointer: '/cursor', detail }];
    return { code: 'invalid-parameter', detail: `cursor ${detail}`, details: { errors } };
  }
  if (error instanceof ReadModelMissingError) return { code: 'read-model-behind', detail: error.message };
  if (isUnavailable(error) || isSqliteTrouble(error))
    return { code: 'store-unavailable', detail: 'It cannot be read now; try again shortly' };
  return ofTheFramework(error, route);
}

const isOfCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** The server of the read models or of the outbox. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof ReadModelsUnavailableError || error instanceof OutboxUnavailableError;

/** A file that is locked, damaged or gone: not the caller's fault, and for the log to tell. */
const isSqliteTrouble = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_');

/** What Fastify and Nest refuse before a controller is reached. */
function ofTheFramework(error: unknown, route: string | undefined): Known {
  const status =
    error instanceof HttpException
      ? error.getStatus()
      : (error as { statusCode?: unknown } | null | undefined)?.statusCode;
  switch (status) {
    case 403: // A path that leads out of the documentation's files.
    case 404:
    case 414: // Longer than any id or name.
      return { code: 'not-found', detail: 'There is no such route; /api/docs lists them all' };
    case 405:
      return {
        code: 'method-not-allowed',
        detail: 'The route does not take this method; /api/docs lists them all',
      };
    case 413:
      if (route === '/api/imports') {
        const detail = `A register record has at most ${RECORD_BYTES_MAX} bytes`;
        return { code: 'file-too-large', detail };
      }
      return { code: 'payload-too-large', detail: 'The body is larger than this route takes' };
    case 415:
      return {
        code: 'unsupported-media-type',
        detail: 'Send JSON as application/json, and a register record as text/plain',
      };
    case 400:
      return { code: 'malformed-request', detail: malformed(error) };
    default:
      return {
        code: 'internal-error',
        detail: 'The error was logged under the correlation id of this answer',
      };
  }
}

function malformed(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return /JSON|prototype property/i.test(message) ? 'The body is not valid JSON' : 'The request is malformed';
}
