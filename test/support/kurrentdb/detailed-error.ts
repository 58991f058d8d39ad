import { status } from '@grpc/grpc-js';
import codes from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/code_pb.js';
import statusMessages from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import errors from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/errors_pb.js';
import streamErrors from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/errors_pb.js';
import { CallError } from './call-error.ts';
import type { Endpoint } from './call-error.ts';
import type { FailedCheck, StreamAppend } from './log-store.ts';
import { packedAny } from './messages.ts';
import { DELETED } from './stream-metadata.ts';

/**
 * Returns an error of the second protocol: a google.rpc.Status with an ErrorInfo and a message specific to the error.
 */
function detailed(
  code: status,
  details: string,
  reason: string,
  type?: string,
  bytes?: Uint8Array,
): CallError {
  const head = new statusMessages.Status();
  head.setMessage(details);
  head.setCode(codes.Code[status[code] as keyof typeof codes.Code]);
  const packed = [packedAny('google.rpc.ErrorInfo', errorInfo(reason))];
  if (type !== undefined && bytes !== undefined) packed.push(packedAny(type, bytes));
  // The generated message supports one detail, and the server sends two. Concatenated messages are merged.
  const parts = [head.serializeBinary()];
  for (const any of packed) {
    const tail = new statusMessages.Status();
    tail.setDetails(any);
    parts.push(tail.serializeBinary());
  }
  return new CallError(code, details, { 'grpc-status-details-bin': Buffer.concat(parts) });
}

/** Returns a google.rpc.ErrorInfo, for which there is no generated message: its first field is the reason. */
const errorInfo = (reason: string): Uint8Array =>
  Buffer.concat([Buffer.from([0x0a, reason.length]), Buffer.from(reason)]);

const STREAM_ERRORS = 'kurrentdb.protocol.v2.streams.errors';

export function notLeaderNode({ host, port }: Endpoint): CallError {
  const node = new errors.NotLeaderNodeErrorDetails.NodeInfo();
  node.setHost(host);
  node.setPort(port);
  const message = new errors.NotLeaderNodeErrorDetails();
  message.setCurrentLeader(node);
  return detailed(
    status.FAILED_PRECONDITION,
    `The server is not the leader node and cannot handle the request. Please retry your request against the leader node directly at ${host}:${port}`,
    'NOT_LEADER_NODE',
    'kurrent.rpc.NotLeaderNodeErrorDetails',
    message.serializeBinary(),
  );
}

export function streamTombstoned(stream: string): CallError {
  const message = new streamErrors.StreamTombstonedErrorDetails();
  message.setStream(stream);
  return detailed(
    status.FAILED_PRECONDITION,
    `Stream '${stream}' has been tombstoned. It has been permanently removed from the system and cannot be restored.`,
    'STREAM_TOMBSTONED',
    `${STREAM_ERRORS}.StreamTombstonedErrorDetails`,
    message.serializeBinary(),
  );
}

export function revisionConflict({ stream, expected }: StreamAppend, actual: bigint): CallError {
  const message = new streamErrors.StreamRevisionConflictErrorDetails();
  message.setStream(stream);
  message.setExpectedRevision(String(expected));
  message.setActualRevision(String(actual));
  return detailed(
    status.FAILED_PRECONDITION,
    `Append failed due to a revision conflict on stream '${stream}'. Expected revision: ${String(expected)}. Actual revision: ${String(actual)}.`,
    'STREAM_REVISION_CONFLICT',
    `${STREAM_ERRORS}.StreamRevisionConflictErrorDetails`,
    message.serializeBinary(),
  );
}

export function recordTooLarge(stream: string, id: string, size: number, limit: number): CallError {
  const message = new streamErrors.AppendRecordSizeExceededErrorDetails();
  message.setStream(stream);
  message.setRecordId(id);
  message.setSize(size);
  message.setMaxSize(limit);
  return detailed(
    status.INVALID_ARGUMENT,
    `The size of record ${id} (${size} B) exceeds the maximum allowed size of ${limit} B`,
    'APPEND_RECORD_SIZE_EXCEEDED',
    `${STREAM_ERRORS}.AppendRecordSizeExceededErrorDetails`,
    message.serializeBinary(),
  );
}

export function transactionTooLarge(records: number, size: number, limit: number): CallError {
  const message = new streamErrors.AppendTransactionSizeExceededErrorDetails();
  message.setSize(size);
  message.setMaxSize(limit);
  return detailed(
    status.ABORTED,
    `Transaction size (${size} B) exceeded the maximum allowed size of ${limit} B, after ${records} record(s).`,
    'APPEND_TRANSACTION_SIZE_EXCEEDED',
    `${STREAM_ERRORS}.AppendTransactionSizeExceededErrorDetails`,
    message.serializeBinary(),
  );
}

export const invalidRequest = (request: string, violation: string): CallError =>
  detailed(status.INVALID_ARGUMENT, `The '${request}' is invalid: ${violation}`, 'BAD_REQUEST');

/** The revision that a consistency check reports for a tombstoned stream. */
const ACTUALLY_TOMBSTONED = -6n;

export function consistencyViolation(
  streams: readonly StreamAppend[],
  failures: readonly FailedCheck[],
): CallError {
  const message = new streamErrors.AppendConsistencyViolationErrorDetails();
  const lines = failures.map(({ of, actual }) => {
    const { stream, expected } = streams[of] ?? { stream: '', expected: 0n };
    const shown = actual === DELETED ? ACTUALLY_TOMBSTONED : actual;
    const state = new streamErrors.ConsistencyViolation.StreamStateViolation();
    state.setStream(stream);
    state.setExpectedState(String(expected));
    state.setActualState(String(shown));
    const violation = new streamErrors.ConsistencyViolation();
    violation.setCheckIndex(of);
    violation.setStreamState(state);
    message.addViolations(violation);
    return ` - Stream '${stream}': expected state ${String(expected)}, actual state ${String(shown)}.`;
  });
  return detailed(
    status.FAILED_PRECONDITION,
    ['Append failed due to consistency violations.', '', ...lines].join('\n'),
    'APPEND_CONSISTENCY_VIOLATION',
    `${STREAM_ERRORS}.AppendConsistencyViolationErrorDetails`,
    message.serializeBinary(),
  );
}
