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
import { earlierMessage } from './parameter-messages.ts';
import { CheckpointRefusedError } from './audit/make-checkpoint.ts';

/** The title of each problem by its code. */
export const TITLES = {
  'invalid-payload': 'The request body is not valid',
  'invalid-parameter': 'A parameter of the request is not valid',
  'invalid-header': 'A header of the request is not valid',
  'malformed-request': 'The request is malformed',
  unauthenticated: 'A valid bearer token is required',
  'invalid-claim': 'A claim of the access token is not valid',
  'role-not-permitted': 'None of your roles allows this',
  'other-organisation': 'You do not belong to this body',
  'separation-of-duties': 'Another person must do this',
  'foreign-host': 'Wrong address for this service',
  'sign-in-failed': 'The sign-in was not completed',
  'sign-in-too-large': 'The sign-in is too large for a cookie',
  'form-from-elsewhere': "The form was not sent from this service's pages",
  'not-found': 'Not found',
  'unknown-command': 'Unknown command',
  'method-not-allowed': 'Method not allowed',
  'not-acceptable': 'None of the accepted media types is available',
  'request-timeout': 'The request did not arrive in time',
  'command-not-allowed': "The record's current state does not allow this command",
  'own-body-decides': 'The record has no recipient yet and could still be assigned to your own organisation',
  'decides-outdated': 'Something has changed since this was requested',
  'closure-request-needed': 'Another person must request this first',
  'id-already-used': 'The id is already in use',
  'history-differs': "The file's history differs from the record's",
  'file-differs': 'The file differs from the previewed one',
  'already-delivered': 'The message was already delivered',
  'pack-too-large': 'The record is too large for an evidence pack',
  'checkpoint-refused': 'The log cannot be signed',
  'version-mismatch': 'The record has changed since you read it',
  'payload-too-large': 'The request body is too large',
  'file-too-large': 'The file is too large',
  'unsupported-media-type': 'Unsupported media type',
  'expectation-failed': "The request's Expect header cannot be met",
  'effective-date-in-future': 'The effective date is in the future',
  'effective-date-out-of-order':
    'The effective date is earlier than that of an event that this command depends on',
  'effective-date-not-yours': 'Recipients cannot set an effective date',
  'effective-date-before-threshold':
    'The effective date is before a missed deadline that is already recorded',
  'effective-date-before-issue': 'The effective date is before the record was issued',
  'owner-unknown': 'The owner is unknown',
  'owner-ambiguous': "The owner's name is ambiguous",
  'name-from-token': "The name comes from the person's access tokens",
  'deadline-ambiguous': 'Several deadlines match',
  'deadline-unknown': 'Unknown deadline',
  'publication-out-of-range': 'The publication date is out of range',
  'due-in-past': 'The due date is in the past or before the publication date',
  'too-many-webhooks': 'Too many webhooks',
  'too-many-deadlines': 'Too many deadlines on the record',
  'deadline-not-later': 'The new date is not later',
  'successor-is-itself': 'A record cannot replace itself',
  'successor-not-found': 'Unknown successor',
  'record-full': 'The record is full',
  'successor-closed': 'The successor is closed',
  'supersede-cycle': 'The successor was itself superseded by this record',
  'event-not-found': 'The record has no such event',
  'not-correctable': 'The event has nothing that can be corrected this way',
  'correction-ambiguous': 'Several corrections are possible',
  'effective-date-of-correction': 'A correction must use the effective date of the event it corrects',
  'not-redactable': 'Only free text can be redacted',
  'too-many-calendar-links': 'Too many calendar links',
  'too-many-watches': 'Too many watched records',
  'too-many-marks': 'Too many notices marked individually',
  'too-many-searches': 'Too many saved searches',
  'text-not-printable': 'This format cannot represent part of the text',
  'not-a-register-record': 'The file does not look like a register record',
  'repeated-in-file': 'The file has two different records with this id',
  'too-many-records': 'The file has too many records',
  'idempotency-key-reused': 'The Idempotency-Key was used for a different request',
  'rate-limited': 'Rate limit exceeded',
  'headers-too-large': 'The headers of the request are too large',
  'store-damaged': 'The event store is damaged',
  'read-models-damaged': 'The read models are damaged',
  'illegal-transition': "The event is not allowed in the record's state",
  'internal-error': 'Internal server error',
  'unknown-lifecycle': "The record's lifecycle is not supported by this version of Docket",
  'unknown-shape': "An event's schema version is not supported by this version of Docket",
  'unknown-form': "An event's seal format is not supported by this version of Docket",
  'store-incapable': 'The event store does not support this',
  'store-unavailable': 'The event store is unavailable',
  'clock-jumped': "The server's clock is not trusted",
  'log-rolled-back': 'The log has lost or changed signed events',
  'too-busy': 'The server is busy',
  'query-too-slow': 'The query took too long',
  'identity-provider-unavailable': 'Tokens cannot be verified now',
  'read-model-behind': 'The read model has not reached that position yet',
} as const satisfies Record<string, string>;

export type ProblemCode = keyof typeof TITLES;

/** The refusal codes that only lifecycles' rules use. */
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
    : (OWN_TITLES.get(code) ?? "A rule of the record's lifecycle does not allow this command");

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
  /** One of the codes in `TITLES`, or of a lifecycle's rule. */
  readonly code: string;
  /** Why a command was refused; null for other problems. */
  readonly kind: RefusalKind | null;
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

/**
 * Returns the problem of an error, for all interfaces; null for an unknown error. Such an error is either a
 * fault of the server, whose details are not disclosed, or handled by the interface itself.
 */
export function problemOf(error: unknown): Problem | null {
  const found = knownProblem(error);
  if (found === null) return null;
  const { code, kind = null, detail, members } = found;
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
    return { code: error.code, detail: `${error.message}. Try again in a few seconds` };
  if (error instanceof QueueFullError) return { code: 'too-busy', detail: error.message };
  if (error instanceof CheckpointRefusedError)
    return { code: error.code, detail: `Nothing was signed: ${error.message}` };
  if (hasCode(error, 'store-unavailable'))
    // The append may have succeeded although its response was lost.
    return {
      code: 'store-unavailable',
      detail:
        'The event store did not respond. Try again in a few seconds; with the same Idempotency-Key, a command is carried out only once',
    };
  if (hasCode(error, 'store-damaged'))
    return {
      code: 'store-damaged',
      detail:
        'The request needs an event that cannot be read. Do not retry. The server log and /health/ready identify the event. Other records are available',
    };
  if (error instanceof ReadModelsDamagedError)
    return {
      code: error.code,
      detail:
        'Lists and searches are unavailable until the read models are rebuilt; the server log says how. Records are available',
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
      detail: 'The record kept changing, and nothing was done. Try again in a few seconds',
    };
  }
  if (error instanceof InvalidCursorError) {
    const { message: detail } = error;
    const errors = [{ pointer: '/cursor', detail }];
    return { code: 'invalid-parameter', detail: `cursor ${detail}`, members: { errors } };
  }
  if (error instanceof QueryTooSlowError) return { code: error.code, detail: error.message };
  if (error instanceof ReadersBusyError || error instanceof ReadAbandonedError)
    return { code: 'too-busy', detail: `${error.message}. Try again in a few seconds` };
  if (error instanceof ReadModelMissingError) return { code: 'read-model-behind', detail: error.message };
  if (isUnavailable(error) || isSqliteTrouble(error))
    return { code: 'store-unavailable', detail: 'The database cannot be read. Try again in a few seconds' };
  return null;
}

function refusedToken({ claim, message }: InvalidTokenError): Known {
  if (claim === null) return { code: 'unauthenticated', detail: `The bearer token was rejected: ${message}` };
  const detail = `The access token was rejected: ${message}. Its issuer must correct the claim`;
  return { code: 'invalid-claim', detail, members: { claim } };
}

/** Reports whether the database server of the read models or of the outbox is unavailable. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof ReadModelsUnavailableError || error instanceof OutboxUnavailableError;

/** Reports whether an SQLite file is locked, damaged or missing: a fault of the server, to be logged. */
const isSqliteTrouble = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_');
