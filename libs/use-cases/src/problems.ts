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
import { QueueFullError } from '#lifecycle/stream-queue';
import { OutboxUnavailableError } from '#notifications/outbox/outbox-database';
import { QueryTooSlowError, ReadAbandonedError, ReadersBusyError } from '#projections/limited-reads';
import { InvalidCursorError } from '#projections/list-cursor';
import {
  ReadModelMissingError,
  ReadModelsDamagedError,
  ReadModelsUnavailableError,
} from '#projections/read-model-database';
import { lifecycles } from '#state-machines/lifecycles';
import { CheckpointRefusedError } from './audit/make-checkpoint.ts';

/** The title of every problem by its code. */
export const TITLES = {
  'invalid-payload': 'The request body is not valid',
  'invalid-parameter': 'A parameter of the request is not valid',
  'invalid-header': 'A header of the request is not valid',
  'malformed-request': 'The request cannot be read',
  unauthenticated: 'A valid bearer token is needed',
  'invalid-claim': 'A claim of the access token is not valid',
  'role-not-permitted': 'None of your roles may do this',
  'other-organisation': 'The body is not one of your organisations',
  'separation-of-duties': 'Another person must do this',
  'foreign-host': 'The service has another address',
  'sign-in-failed': 'The sign-in did not come to an end',
  'sign-in-too-large': 'A browser cannot keep the sign-in',
  'form-from-elsewhere': 'The form was not sent from a page of this service',
  'not-found': 'There is nothing here',
  'unknown-command': 'There is no such command',
  'method-not-allowed': 'The method is not allowed here',
  'not-acceptable': 'None of the accepted media types can be given',
  'request-timeout': 'The request did not arrive in time',
  'command-not-allowed': 'The record does not allow this now',
  'own-body-decides': 'One of your organisations can be the body that this is for',
  'decides-outdated': 'Something changed since the request',
  'closure-request-needed': 'Another person must request this first',
  'id-already-used': 'The id is used already',
  'history-differs': 'The record has another history than this file',
  'file-differs': 'The file is not the one that was previewed',
  'already-delivered': 'The message has been delivered',
  'pack-too-large': 'The record is too large for a pack',
  'checkpoint-refused': 'The log cannot be signed as it stands',
  'version-mismatch': 'The record has changed since you read it',
  'payload-too-large': 'The request body is too large',
  'file-too-large': 'The file is too large',
  'unsupported-media-type': 'The media type of the body is not supported',
  'expectation-failed': 'What the request expects cannot be met',
  'effective-date-in-future': 'The effective date lies in the future',
  'effective-date-out-of-order': 'The effective date is earlier than what it follows',
  'effective-date-not-yours': "The recipient's people act today",
  'effective-date-before-threshold': 'The effective date is earlier than a passed deadline on record',
  'effective-date-before-issue': 'The effective date is earlier than the issue',
  'owner-unknown': 'The owner is nobody who is known',
  'owner-ambiguous': 'Several people can be meant as the owner',
  'name-from-token': "The name comes from the person's tokens",
  'deadline-ambiguous': 'Several deadlines can be meant',
  'deadline-unknown': 'There is no such deadline',
  'publication-out-of-range': 'The date of publication is out of range',
  'due-in-past': 'The date has passed, or is before the publication',
  'too-many-webhooks': 'There are as many webhooks as there can be',
  'too-many-deadlines': 'The record has as many deadlines as it can',
  'deadline-not-later': 'The new date is not later',
  'successor-is-itself': 'A record cannot take its own place',
  'successor-not-found': 'There is no such successor',
  'record-full': 'The record is full',
  'successor-closed': 'The successor is closed',
  'supersede-cycle': 'The successor was itself superseded by this record',
  'event-not-found': 'The record has no such event',
  'not-correctable': 'The event says nothing that can be corrected so',
  'correction-ambiguous': 'Several corrections can be meant',
  'effective-date-of-correction': 'A correction takes effect on the date of what it corrects',
  'not-redactable': 'Only free text can be redacted',
  'too-many-calendar-links': 'The person has as many calendar links as one can have',
  'too-many-watches': 'The person watches as many records as one can',
  'too-many-marks': 'Too many notices are marked one by one',
  'too-many-searches': 'The person keeps as many searches as one can',
  'text-not-printable': 'A text cannot be printed in this format',
  'not-a-register-record': 'The file looks like no register record',
  'repeated-in-file': 'The file has another record with this id',
  'too-many-records': 'The file has more records than one file can have',
  'idempotency-key-reused': 'The Idempotency-Key was used for another request',
  'rate-limited': 'You ask more than you may',
  'headers-too-large': 'The headers of the request are too large',
  'store-damaged': 'The event store holds what cannot be read',
  'read-models-damaged': 'The read models are damaged',
  'illegal-transition': 'The record cannot take what was to be stored',
  'internal-error': 'Something went wrong here',
  'unknown-lifecycle': 'The record was written under a lifecycle that is not known here',
  'unknown-shape': 'An event was written in a shape that is not known here',
  'unknown-form': 'An event was sealed in a form that is not known here',
  'store-incapable': 'The event store cannot do this',
  'store-unavailable': 'The event store cannot be reached now',
  'clock-jumped': 'The clock is not trusted now',
  'log-rolled-back': 'The log is not the one that was signed',
  'too-busy': 'Too much waits already',
  'query-too-slow': 'The read takes too long',
  'identity-provider-unavailable': 'Tokens cannot be checked now',
  'read-model-behind': 'The read model has not reached that position yet',
} as const satisfies Record<string, string>;

export type ProblemCode = keyof typeof TITLES;

/** The refusal codes of lifecycles' rules that no other problem has. */
export const OWN_CODES: ReadonlyMap<string, RefusalKind> = new Map(
  lifecycles.currents.flatMap((each) => [...ownCodes(each)]).filter(([code]) => !Object.hasOwn(TITLES, code)),
);

const OWN_TITLES: ReadonlyMap<string, string> = new Map(
  lifecycles.currents.flatMap(({ commands, answers }) =>
    Object.entries({ ...personTitles(commands), ...answers.problems }),
  ),
);

export const titleOf = (code: string): string =>
  Object.hasOwn(TITLES, code)
    ? TITLES[code as ProblemCode]
    : (OWN_TITLES.get(code) ?? 'A rule does not allow this');

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

/** Returns the problem of an invalid parameter, with a pointer to it. */
export const invalidParameter = (name: string, detail: string): ProblemError =>
  new ProblemError('invalid-parameter', `${name} ${detail}`, { errors: [{ pointer: `/${name}`, detail }] });

/** @throws ProblemError if the last requested date is before the first. */
export function assertInOrder<Name extends string>(
  asked: { readonly [Each in Name]?: string | undefined },
  first: Name,
  last: Name,
): void {
  const [from, to] = [asked[first], asked[last]];
  if (from !== undefined && to !== undefined && to < from)
    throw invalidParameter(last, `is earlier than ${first}`);
}

/** An error as a caller receives it, through the API or the pages. */
export interface Problem {
  /** One of the codes above, or of a lifecycle's rule. */
  readonly code: string;
  /** Why a command was refused; null for other problems. */
  readonly kind: RefusalKind | null;
  readonly title: string;
  /** What happened and what to do next. */
  readonly detail: string;
  /** Further members of the response. */
  readonly members: RefusalDetails;
  /** Whether it is an error of the service, which is logged. */
  readonly isFault: boolean;
}

/** Errors to log. Damage of the store is reported by its monitor. */
const FAULTS: readonly string[] = [
  'internal-error',
  'illegal-transition',
  'read-models-damaged',
  'unknown-lifecycle',
  'unknown-shape',
  'unknown-form',
];

/**
 * Maps errors to problems, for all interfaces. Returns null for an unknown error: either a fault of the server, of which nothing is
 * disclosed, or one that the interface handles itself.
 */
export function problemOf(error: unknown): Problem | null {
  const known = knownProblem(error);
  if (known === null) return null;
  const { code, kind = null, detail, members } = known;
  return {
    ...problem(code, detail, members),
    kind,
    isFault: FAULTS.includes(code) || isSqliteTrouble(error),
  };
}

export const problem = (code: string, detail: string, members: RefusalDetails = {}): Problem => ({
  code,
  kind: null,
  title: titleOf(code),
  detail,
  members,
  isFault: FAULTS.includes(code),
});

interface Known {
  readonly code: string;
  readonly kind?: RefusalKind;
  readonly detail: string;
  readonly members?: RefusalDetails;
}

function knownProblem(error: unknown): Known | null {
  if (error instanceof ProblemError)
    return { code: error.code, detail: error.message, members: error.details };
  if (error instanceof CommandRefusedError)
    return { code: error.code, kind: error.kind, detail: error.message, members: error.details };
  if (error instanceof InvalidTokenError) return refusedToken(error);
  if (error instanceof SignInFailedError) return { code: 'sign-in-failed', detail: error.message };
  if (error instanceof SessionTooLongError) return { code: 'sign-in-too-large', detail: error.message };
  if (error instanceof IdentityProviderUnavailableError)
    return { code: error.code, detail: `${error.message} now; try again shortly` };
  if (error instanceof QueueFullError) return { code: 'too-busy', detail: error.message };
  if (error instanceof CheckpointRefusedError)
    return { code: error.code, detail: `Nothing was signed: ${error.message}` };
  if (hasCode(error, 'store-unavailable'))
    // The append may have succeeded although its response was lost.
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
  if (error instanceof ReadModelsDamagedError)
    return {
      code: error.code,
      detail:
        'Lists and searches cannot be read until they are made anew, as the log says; records are served',
    };
  if (error instanceof UnknownLifecycleError || error instanceof UnknownShapeError)
    return { code: error.code, detail: error.message };
  if (error instanceof IllegalTransitionError) return { code: error.code, detail: error.message };
  if (error instanceof WritesRefusedError) return { code: error.code, detail: error.message };
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
    return { code: 'invalid-parameter', detail: `cursor ${detail}`, members: { errors } };
  }
  if (error instanceof QueryTooSlowError) return { code: error.code, detail: error.message };
  if (error instanceof ReadersBusyError || error instanceof ReadAbandonedError)
    return { code: 'too-busy', detail: `${error.message}; try again shortly` };
  if (error instanceof ReadModelMissingError) return { code: 'read-model-behind', detail: error.message };
  if (isUnavailable(error) || isSqliteTrouble(error))
    return { code: 'store-unavailable', detail: 'It cannot be read now; try again shortly' };
  return null;
}

function refusedToken({ claim, message }: InvalidTokenError): Known {
  if (claim === null) return { code: 'unauthenticated', detail: `The bearer token is refused: ${message}` };
  const detail = `The access token is refused: ${message}; the identity provider must issue it otherwise`;
  return { code: 'invalid-claim', detail, members: { claim } };
}

/** Reports whether the server of the read models or of the outbox is unavailable. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof ReadModelsUnavailableError || error instanceof OutboxUnavailableError;

/** Reports whether an SQLite file is locked, damaged or missing: a fault of the server, to be logged. */
const isSqliteTrouble = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_');
