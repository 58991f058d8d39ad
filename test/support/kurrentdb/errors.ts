import { Metadata, status } from '@grpc/grpc-js';
import codes from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/code_pb.js';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import statuses from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import type { Status } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import errors from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/errors_pb.js';
import streamErrors from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/errors_pb.js';
import { ANY, DELETED, NO_STREAM, STREAM_EXISTS } from './log-store.ts';
import type { Expectations, FailedCheck } from './log-store.ts';
import { filled, nothing, packedAny, streamMessage } from './messages.ts';

/** The end of a call: its status, and the trailers with KurrentDB's details. */
export class CallError extends Error {
  readonly code: status;
  readonly details: string;
  readonly metadata = new Metadata();

  constructor(code: status, details: string, trailers: Readonly<Record<string, string | Buffer>> = {}) {
    super(details);
    this.code = code;
    this.details = details;
    for (const [name, value] of Object.entries(trailers)) this.metadata.set(name, value);
  }
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

// The errors of the first protocol.

export const unavailable = () => new CallError(status.UNAVAILABLE, 'Server Is Not Ready');
export const connectionDropped = () => new CallError(status.UNAVAILABLE, 'Connection dropped');
export const accessDenied = () =>
  new CallError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
export const unauthenticated = () =>
  new CallError(status.UNAUTHENTICATED, 'Bad gRPC response. HTTP status code: 401');
export const invalidArgument = (details: string) => new CallError(status.INVALID_ARGUMENT, details);

export const notLeader = ({ host, port }: Endpoint) =>
  new CallError(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const streamDeleted = (stream: string) =>
  new CallError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

const V1 = 'event_store.client';

/** Returns the error of an append that is larger than the limit in bytes, for a call that carries several. */
export const appendTooLarge = (limit: number): Status =>
  filled(new statuses.Status(), {
    code: codes.Code.INVALID_ARGUMENT,
    message: 'MaximumAppendSizeExceeded',
    details: packedAny(
      `${V1}.MaximumAppendSizeExceeded`,
      filled(new shared.MaximumAppendSizeExceeded(), { maxappendsize: limit }),
    ),
  });

/** Returns the error of an append that the server cannot read, for a call that carries several. */
export const badRequest = (message: string): Status =>
  filled(new statuses.Status(), {
    code: codes.Code.INVALID_ARGUMENT,
    message: 'BadRequest',
    details: packedAny(`${V1}.BadRequest`, filled(new shared.BadRequest(), { message })),
  });

/** Returns the error of a refused append, for a call that carries several. */
export function appendRefused({ stream, expected, actual }: FailedCheck): Status {
  if (actual === DELETED) {
    const deleted = filled(new shared.StreamDeleted(), { streamIdentifier: streamMessage(stream) });
    return filled(new statuses.Status(), {
      code: codes.Code.NOT_FOUND,
      message: 'StreamDeleted',
      details: packedAny(`${V1}.StreamDeleted`, deleted),
    });
  }
  const wrong = filled(new shared.WrongExpectedVersion(), {
    ...(actual < 0n ? { currentNoStream: nothing() } : { currentStreamRevision: String(actual) }),
    ...(expected === ANY && { expectedAny: nothing() }),
    ...(expected === NO_STREAM && { expectedNoStream: nothing() }),
    ...(expected === STREAM_EXISTS && { expectedStreamExists: nothing() }),
    ...(expected >= 0n && { expectedStreamPosition: String(expected) }),
  });
  return filled(new statuses.Status(), {
    code: codes.Code.ALREADY_EXISTS,
    message: 'WrongExpectedVersion',
    details: packedAny(`${V1}.WrongExpectedVersion`, wrong),
  });
}

/** Returns an error of the second protocol: a google.rpc.Status with a message specific to the error. */
function detailed(
  code: status,
  details: string,
  type: string,
  message: { serializeBinary(): Uint8Array },
): CallError {
  const found = filled(new statuses.Status(), {
    message: details,
    code: codes.Code[status[code] as keyof typeof codes.Code],
    details: packedAny(type, message),
  });
  return new CallError(code, details, { 'grpc-status-details-bin': Buffer.from(found.serializeBinary()) });
}

const V2 = 'kurrentdb.protocol.v2.streams.errors';

export const notLeaderNode = ({ host, port }: Endpoint) =>
  detailed(
    status.FAILED_PRECONDITION,
    `The server is not the leader node and cannot handle the request. Please retry your request against the leader node directly at ${host}:${port}`,
    'kurrent.rpc.NotLeaderNodeErrorDetails',
    filled(new errors.NotLeaderNodeErrorDetails(), {
      currentLeader: filled(new errors.NotLeaderNodeErrorDetails.NodeInfo(), { host, port }),
    }),
  );

/** Returns the error of a refused session. */
export const sessionRefused = ({ stream, expected, actual }: FailedCheck) =>
  actual === DELETED
    ? detailed(
        status.FAILED_PRECONDITION,
        `Stream '${stream}' has been tombstoned. It has been permanently removed from the system and cannot be restored.`,
        `${V2}.StreamTombstonedErrorDetails`,
        filled(new streamErrors.StreamTombstonedErrorDetails(), { stream }),
      )
    : detailed(
        status.FAILED_PRECONDITION,
        `Append failed due to a revision conflict on stream '${stream}'. Expected revision: ${expected}. Actual revision: ${actual}.`,
        `${V2}.StreamRevisionConflictErrorDetails`,
        filled(new streamErrors.StreamRevisionConflictErrorDetails(), {
          stream,
          expectedRevision: String(expected),
          actualRevision: String(actual),
        }),
      );

export const transactionTooLarge = (size: number, maxSize: number) =>
  detailed(
    status.ABORTED,
    `Transaction size (${size} B) exceeded the maximum allowed size of ${maxSize} B.`,
    `${V2}.AppendTransactionSizeExceededErrorDetails`,
    filled(new streamErrors.AppendTransactionSizeExceededErrorDetails(), { size, maxSize }),
  );

/** The revision that a consistency check reports for a tombstoned stream. */
const ACTUALLY_TOMBSTONED = -6n;

/** Returns the error of refused records. */
export function recordsRefused(failures: readonly FailedCheck[], expectations: Expectations): CallError {
  const order = [...expectations.keys()];
  const violationsList = failures.map(({ stream, expected, actual }) => {
    const streamState = filled(new streamErrors.ConsistencyViolation.StreamStateViolation(), {
      stream,
      expectedState: String(expected),
      actualState: String(actual === DELETED ? ACTUALLY_TOMBSTONED : actual),
    });
    const checkIndex = order.indexOf(stream);
    return filled(new streamErrors.ConsistencyViolation(), { checkIndex, streamState });
  });
  return detailed(
    status.FAILED_PRECONDITION,
    'Append failed due to consistency violations.',
    `${V2}.AppendConsistencyViolationErrorDetails`,
    filled(new streamErrors.AppendConsistencyViolationErrorDetails(), { violationsList }),
  );
}
