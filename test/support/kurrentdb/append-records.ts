import type { Metadata } from '@grpc/grpc-js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import type {
  AppendRecordsRequest,
  AppendRecordsResponse,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import { eventOf, recordCounter } from './append-record.ts';
import { ANY } from './commit-check.ts';
import { consistencyViolation, invalidRequest, notLeaderNode } from './detailed-error.ts';
import type { AppendedEvent, StreamAppend } from './log-store.ts';
import type { Node } from './node.ts';
import { DELETED } from './stream-metadata.ts';

/** How a check names a stream that was tombstoned. */
const TOMBSTONED = '-6';
const EXPECTATIONS = ['-1', '-4', '-5', TOMBSTONED];

/** `AppendRecords` of the second protocol (26.1): records of any streams in any order, and checks of these and others. */
export async function appendRecords(
  node: Node,
  request: AppendRecordsRequest,
  metadata: Metadata,
): Promise<AppendRecordsResponse> {
  await node.gate.admit(metadata, { kind: 'append', needsLeader: true, notLeader: notLeaderNode });
  if (request.getRecordsList().length === 0) {
    throw invalid('Append records request must contain at least one record.');
  }
  const targets = checksOf(request);
  const events = recordsOf(node, request, targets);
  const outcome = await node.faults.append(node.store, targets, events);
  if (outcome.kind === 'refused') throw consistencyViolation(targets, outcome.failures);
  const response = new streams.AppendRecordsResponse();
  for (const index of new Set(events.map(({ of }) => of))) {
    const revision = new streams.StreamRevision();
    revision.setStream(targets[index]?.stream ?? '');
    revision.setRevision(String(outcome.revisions[index] ?? -1n));
    response.addRevisions(revision);
  }
  return response.setPosition(String(outcome.position?.commit ?? -1n));
}

const invalid = (violation: string) => invalidRequest('AppendRecordsRequest', violation);

function checksOf(request: AppendRecordsRequest): StreamAppend[] {
  const named = new Set<string>();
  return request.getChecksList().map((check) => {
    const state = check.getStreamState();
    if (state === undefined) throw invalid('Each consistency check must specify a type.');
    const stream = state.getStream();
    const expected = state.getExpectedState();
    if (stream === '' || stream === '$$') throw invalid(`Stream must not be '${stream}'.`);
    if (expected.startsWith('-') && !EXPECTATIONS.includes(expected)) {
      throw invalid(
        'Expected state must be positive or one of the allowed constants: NoStream (-1), Exists (-4), Deleted (-5), or Tombstoned (-6). Any (-2) is not allowed.',
      );
    }
    if (named.has(stream.toLowerCase())) {
      throw invalid('Each stream can only appear once in consistency checks.');
    }
    named.add(stream.toLowerCase());
    return { stream, expected: expected === TOMBSTONED ? DELETED : BigInt(expected) };
  });
}

/** The records as events; a stream that nothing checks is added to the targets. */
function recordsOf(
  { limits }: Node,
  request: AppendRecordsRequest,
  targets: StreamAppend[],
): AppendedEvent[] {
  const indexes = new Map(targets.map(({ stream }, index) => [stream.toLowerCase(), index]));
  const count = recordCounter(limits);
  return request.getRecordsList().map((record) => {
    const stream = record.getStream();
    if (stream === '' || stream === '$$') throw invalid(`Stream must not be '${stream}'.`);
    const of = indexes.get(stream.toLowerCase()) ?? targets.push({ stream, expected: ANY }) - 1;
    indexes.set(stream.toLowerCase(), of);
    const event = eventOf(record);
    count(stream, event, record);
    return { ...event, of };
  });
}
