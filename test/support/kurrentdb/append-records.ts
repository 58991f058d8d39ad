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

/**
 * Runs `AppendRecords` of the second protocol (26.1): records of any streams in any order, and checks of these and
 * others.
 */
export async function appendRecords(
  node: Node,
  request: AppendRecordsRequest,
  metadata: Metadata,
): Promise<AppendRecordsResponse> {
  await node.gate.admit(metadata, { kind: 'append', needsLeader: true, notLeader: notLeaderNode });
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

const checksOf = (request: AppendRecordsRequest): StreamAppend[] =>
  request.getChecksList().map((check) => {
    const state = check.getStreamState();
    const expected = BigInt(state?.getExpectedState() ?? ANY);
    if (expected === ANY) throw invalidRequest('AppendRecordsRequest', 'Any (-2) is not allowed.');
    return { stream: state?.getStream() ?? '', expected };
  });

/** Returns the records as events, and adds unchecked streams to the targets. */
function recordsOf(
  { limits }: Node,
  request: AppendRecordsRequest,
  targets: StreamAppend[],
): AppendedEvent[] {
  const indexes = new Map(targets.map(({ stream }, index) => [stream.toLowerCase(), index]));
  const count = recordCounter(limits);
  return request.getRecordsList().map((record) => {
    const stream = record.getStream();
    const of = indexes.get(stream.toLowerCase()) ?? targets.push({ stream, expected: ANY }) - 1;
    indexes.set(stream.toLowerCase(), of);
    const event = eventOf(record);
    count(stream, event, record);
    return { ...event, of };
  });
}
