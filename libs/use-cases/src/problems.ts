import {
  hasCode,
  InvalidPositionError,
  StoreIncapableError,
  UnknownShapeError,
  WritesRefusedError,
} from '#event-sourcing/errors';
import {
  IdentityProviderUnavailableError,
  InvalidTokenError,
  SessionTooLongError,
  SignInFailedError,
} from '#identity/identity-errors';
import { UnknownLifecycleError } from '#lifecycle/lifecycles';
import { ownCodes, personTitles } from '#lifecycle/own-codes';
import { CommandRefusedError } from '#lifecycle/refused';
import type { RefusalDetails, RefusalKind } from '#lifecycle/refused';
import { IllegalTransitionError } from '#lifecycle/statechart';
import { QueueFullError } from '#event-sourcing/keyed-queue';
import { PastNotReadyError } from '#lives/past-not-ready';
import { OutboxUnavailableError } from '#notifications/outbox/outbox-database';
import { QueryTooSlowError, ReadAbandonedError, ReadersBusyError } from '#projections/limited-reads';
import { InvalidCursorError } from '#projections/list-cursor';
import {
  ReadModelBehindError,
  ReadModelMissingError,
  ReadModelsDamagedError,
  ReadModelsUnavailableError,
} from '#projections/read-model-database';
import { lifecycles } from '#state-machines/lifecycles';
import { earlierMessage } from './parameter-messages.ts';
import { CheckpointRefusedError } from './audit/compare-log.ts';

/** The HTTP status and the title of each problem, by its code. */
const OF_THE_API = {
  'invalid-payload': [400, 'The request body is not valid'],
  'invalid-parameter': [400, 'A parameter of the request is not valid'],
  'invalid-header': [400, 'A header of the request is not valid'],
  'malformed-request': [400, 'The request is malformed'],
  unauthenticated: [401, 'A valid bearer token is required'],
  'invalid-claim': [401, 'A claim of the access token is not valid'],
  'role-not-permitted': [403, 'None of your roles allows this'],
  'other-organisation': [403, 'You do not belong to this body'],
  'separation-of-duties': [403, 'Another person must do this'],
  'foreign-host': [421, 'Wrong address for this service'],
  'own-body-decides': [403, 'No one decides on a record of their own body, or on one that could be theirs'],
  'sign-in-failed': [401, 'The sign-in was not completed'],
  'sign-in-too-large': [403, 'The sign-in is too large for a cookie'],
  'form-from-elsewhere': [403, "The form was not sent from this service's pages"],
  'not-found': [404, 'Not found'],
  'unknown-command': [404, 'Unknown command'],
  'method-not-allowed': [405, 'Method not allowed'],
  'not-acceptable': [406, 'None of the accepted media types is available'],
  'request-timeout': [408, 'The request did not arrive in time'],
  'command-not-allowed': [409, "The record's current state does not allow this command"],
  'id-already-used': [409, 'The id is already in use'],
  'decides-outdated': [409, 'Something has changed since this was requested'],
  'closure-request-needed': [409, 'Another person must request this first'],
  'history-differs': [409, "The file's history differs from the record's"],
  'file-differs': [409, 'The file differs from the previewed one'],
  'already-delivered': [409, 'The message was already delivered'],
  'checkpoint-refused': [409, 'The log cannot be signed'],
  'pack-too-large': [422, 'The record is too large for an evidence pack'],
  'version-mismatch': [412, 'The record has changed since you read it'],
  'payload-too-large': [413, 'The request body is too large'],
  'file-too-large': [413, 'The file is too large'],
  'unsupported-media-type': [415, 'Unsupported media type'],
  'expectation-failed': [417, "The request's Expect header cannot be met"],
  'effective-date-in-future': [422, 'The effective date is in the future'],
  'effective-date-out-of-order': [
    422,
    'The effective date is earlier than that of an event that this command depends on',
  ],
  'effective-date-not-yours': [422, 'Recipients cannot set an effective date'],
  'effective-date-before-issue': [422, 'The effective date is before the record was issued'],
  'effective-date-before-threshold': [
    422,
    'The effective date is before a missed deadline that is already recorded',
  ],
  'deadline-ambiguous': [422, 'Several deadlines match'],
  'deadline-unknown': [422, 'Unknown deadline'],
  'owner-unknown': [422, 'The owner is unknown'],
  'owner-ambiguous': [422, "The owner's name is ambiguous"],
  'name-from-token': [409, "The name comes from the person's access tokens"],
  'due-in-past': [422, 'The due date is in the past or before the publication date'],
  'too-many-webhooks': [422, 'Too many webhooks'],
  'too-many-deadlines': [422, 'Too many deadlines on the record'],
  'deadline-not-later': [422, 'The new date is not later'],
  'successor-is-itself': [422, 'A record cannot replace itself'],
  'successor-not-found': [422, 'Unknown successor'],
  'record-full': [422, 'The record is full'],
  'successor-closed': [422, 'The successor is closed'],
  'successor-of-another-body': [422, 'The successor is for another body'],
  'supersede-cycle': [422, 'The successor was itself superseded by this record'],
  'event-not-found': [422, 'The record has no such event'],
  'not-correctable': [422, 'The event has nothing that can be corrected this way'],
  'correction-ambiguous': [422, 'Several corrections are possible'],
  'effective-date-of-correction': [422, 'A correction must use the effective date of the event it corrects'],
  'publication-out-of-range': [422, 'The publication date is out of range'],
  'not-redactable': [422, 'Only free text can be redacted'],
  'too-many-calendar-links': [422, 'Too many calendar links'],
  'too-many-searches': [422, 'Too many saved searches'],
  'too-many-watches': [422, 'Too many watched records'],
  'too-many-marks': [422, 'Too many notices marked individually'],
  'text-not-printable': [422, 'This format cannot represent part of the text'],
  'not-a-register-record': [422, 'The file does not look like a register record'],
  'repeated-in-file': [422, 'The file has two different records with this id'],
  'too-many-records': [422, 'The file has too many records'],
  'idempotency-key-reused': [422, 'The Idempotency-Key was used for a different request'],
  'rate-limited': [429, 'Rate limit exceeded'],
  'headers-too-large': [431, 'The headers of the request are too large'],
  'store-damaged': [500, 'The event store is damaged'],
  'read-models-damaged': [500, 'The read models are damaged'],
  'rule-failed': [500, 'A rule could not be checked'],
  'illegal-transition': [500, "The event is not allowed in the record's state"],
  'internal-error': [500, 'Internal server error'],
  'unknown-lifecycle': [501, "The record's lifecycle is not supported by this version of Docket"],
  'unknown-shape': [501, "An event's schema version is not supported by this version of Docket"],
  'unknown-form': [501, "An event's seal format is not supported by this version of Docket"],
  'store-incapable': [501, 'The event store does not support this'],
  'store-unavailable': [503, 'The event store is unavailable'],
  'clock-jumped': [503, "The server's clock is not trusted"],
  'log-rolled-back': [503, 'The log has lost or changed signed events'],
  'too-busy': [503, 'The server is busy'],
  'query-too-slow': [503, 'The query took too long'],
  'identity-provider-unavailable': [503, 'Tokens cannot be verified now'],
  'read-model-behind': [503, 'The read model has not reached that position yet'],
  'past-not-ready': [503, 'The past is being read from the log'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof OF_THE_API;

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

/** The refusal codes that only lifecycles' rules use. */
export const OWN_CODES: ReadonlyMap<string, RefusalKind> = new Map(
  lifecycles.currents
    .flatMap((each) => [...ownCodes(each)])
    .filter(([code]) => !Object.hasOwn(OF_THE_API, code)),
);

const OWN_TITLES: ReadonlyMap<string, string> = new Map(
  lifecycles.currents.flatMap(({ commands, answers }) =>
    Object.entries({ ...personTitles(commands), ...answers.problems }),
  ),
);

/** Returns the HTTP status and the title of a code. @param kind the kind of refusal, for a lifecycle's own code. */
export function describeCode(code: string, kind = OWN_CODES.get(code)): Pick<Problem, 'status' | 'title'> {
  if (Object.hasOwn(OF_THE_API, code)) {
    const [status, title] = OF_THE_API[code as ProblemCode];
    return { status, title };
  }
  const title = OWN_TITLES.get(code) ?? "A rule of the record's lifecycle does not allow this command";
  return { status: kind === undefined ? 500 : STATUS_OF_KIND[kind], title };
}

export const PROBLEM_CODES: readonly string[] = [...Object.keys(OF_THE_API), ...OWN_CODES.keys()];

/** Every problem with its status and title. The code's URN is RFC 9457's type. */
export const PROBLEMS = Object.fromEntries(PROBLEM_CODES.map((code) => [code, describeCode(code)])) as Record<
  ProblemCode,
  Pick<Problem, 'status' | 'title'>
>;

/** A request was refused or could not be carried out. Unlike a refused command, this is not recorded. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly details: RefusalDetails;

  constructor(code: ProblemCode, detail: string, details: RefusalDetails = {}) {
    super(detail);
    this.name = 'ProblemError';
    this.code = code;
    this.details = details;
  }
}

export const invalidParameter = (name: string, detail: string): ProblemError =>
  new ProblemError('invalid-parameter', `${name} ${detail}`, { errors: [{ pointer: `/${name}`, detail }] });

/** Throws if the last requested date is before the first. @throws ProblemError */
export function assertInOrder<Name extends string>(
  dates: { readonly [Each in Name]?: string | undefined },
  first: Name,
  last: Name,
): void {
  const [from, to] = [dates[first], dates[last]];
  if (from !== undefined && to !== undefined && to < from)
    throw invalidParameter(last, earlierMessage(first));
}

/** An error as a caller receives it, through the API or the pages. */
export interface Problem {
  /** A key of `PROBLEMS`, or the code of a rule of a lifecycle that is no longer current. */
  readonly code: string;
  readonly status: number;
  readonly title: string;
  /** What happened and what to do next. */
  readonly detail: string;
  /** Further members of the response. */
  readonly members: RefusalDetails;
  /** Whether it is an error of the server, which is logged. */
  readonly isFault: boolean;
}

/** The errors to log. The store's monitor reports damage. */
const FAULTS: readonly string[] = [
  'internal-error',
  'illegal-transition',
  'read-models-damaged',
  'unknown-lifecycle',
  'unknown-shape',
  'unknown-form',
];

/** @param kind the kind of a refused command, for a code that only its lifecycle has. */
export const problem = (
  code: string,
  detail: string,
  members: RefusalDetails = {},
  kind?: RefusalKind,
): Problem => ({ code, ...describeCode(code, kind), detail, members, isFault: FAULTS.includes(code) });

/**
 * Returns the problem of an error, for all interfaces; null for an unknown error. Such an error is either a
 * fault of the server, whose details are not disclosed, or handled by the interface itself.
 */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof ProblemError) return problem(error.code, error.message, error.details);
  if (error instanceof CommandRefusedError)
    return problem(error.code, error.message, error.details, error.kind);
  if (error instanceof InvalidTokenError) return refusedToken(error);
  if (error instanceof SignInFailedError) return problem('sign-in-failed', error.message);
  if (error instanceof SessionTooLongError) return problem('sign-in-too-large', error.message);
  if (error instanceof IdentityProviderUnavailableError)
    return problem(error.code, `${error.message}. Try again in a few seconds`);
  if (error instanceof QueueFullError) return problem('too-busy', error.message);
  if (error instanceof PastNotReadyError) {
    const { code, message, percent } = error;
    return problem(code, `${message}. Try again in a few seconds`, { progress: percent });
  }
  if (error instanceof CheckpointRefusedError)
    return problem(error.code, `Nothing was signed: ${error.message}`);
  if (error instanceof InvalidPositionError) return problem('invalid-parameter', error.message);
  if (error instanceof InvalidCursorError) {
    const { message: detail } = error;
    return problem('invalid-parameter', `cursor ${detail}`, { errors: [{ pointer: '/cursor', detail }] });
  }
  return STATED.some((type) => error instanceof type)
    ? problem((error as StatedError).code, (error as StatedError).message)
    : dependencyProblem(error);
}

/** Errors whose code and message are those of their problem. */
const STATED = [
  UnknownLifecycleError,
  UnknownShapeError,
  IllegalTransitionError,
  WritesRefusedError,
  StoreIncapableError,
  QueryTooSlowError,
];
type StatedError = InstanceType<(typeof STATED)[number]>;

/** Returns the problem of an error of a store, a read model or the outbox; null for any other. */
function dependencyProblem(error: unknown): Problem | null {
  if (hasCode(error, 'store-unavailable'))
    // The append may have succeeded although its response was lost.
    return problem(
      'store-unavailable',
      'The event store did not respond. Try again in a few seconds; with the same Idempotency-Key, a command is carried out only once',
    );
  if (hasCode(error, 'store-damaged'))
    return problem(
      'store-damaged',
      'The request needs an event that cannot be read. Do not retry. The server log and /health/ready identify the event. Other records are available',
    );
  if (error instanceof ReadModelsDamagedError)
    return problem(
      error.code,
      'Lists and searches are unavailable until the read models are rebuilt; the server log says how. Records are available',
    );
  if (hasCode(error, 'version-conflict'))
    return problem('too-busy', 'The record kept changing, and nothing was done. Try again in a few seconds');
  if (error instanceof ReadersBusyError || error instanceof ReadAbandonedError)
    return problem('too-busy', `${error.message}. Try again in a few seconds`);
  if (error instanceof ReadModelMissingError || error instanceof ReadModelBehindError)
    return problem('read-model-behind', error.message);
  if (!isUnavailable(error) && !isSqliteTrouble(error)) return null;
  const unread = problem('store-unavailable', 'The database cannot be read. Try again in a few seconds');
  return { ...unread, isFault: isSqliteTrouble(error) };
}

function refusedToken({ claim, message }: InvalidTokenError): Problem {
  if (claim === null) return problem('unauthenticated', `The bearer token was rejected: ${message}`);
  const detail = `The access token was rejected: ${message}. Its issuer must correct the claim`;
  return problem('invalid-claim', detail, { claim });
}

/** Reports whether the database server of the read models or of the outbox is unavailable. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof ReadModelsUnavailableError || error instanceof OutboxUnavailableError;

/** Reports whether an SQLite file is locked, damaged or missing: a fault of the server, to be logged. */
const isSqliteTrouble = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_');
