import { status } from '@grpc/grpc-js';
import type { Metadata } from '@grpc/grpc-js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import type {
  AppendRequest,
  AppendSessionResponse,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import { eventOf, recordCounter } from './append-record.ts';
import { CallError } from './call-error.ts';
import { ANY } from './commit-check.ts';
import { notLeaderNode, revisionConflict, streamTombstoned } from './detailed-error.ts';
import { isOfDeleted } from './log-store.ts';
import type { AppendedEvent, StreamAppend } from './log-store.ts';
import type { Node } from './node.ts';

/** Runs `AppendSession` of the second protocol (25.1): appends to several streams, all or none, each named once. */
export async function appendSession(
  node: Node,
  requests: AsyncIterable<AppendRequest>,
  metadata: Metadata,
): Promise<AppendSessionResponse> {
  await node.gate.admit(metadata, { kind: 'append', needsLeader: true, notLeader: notLeaderNode });
  const { targets, events } = await readSession(node, requests);
  const outcome = await node.faults.append(node.store, targets, events);
  if (outcome.kind === 'refused') {
    const [failure] = outcome.failures;
    const target = targets[failure?.of ?? 0];
    if (failure === undefined || target === undefined) throw new Error('a session was refused for nothing');
    throw outcome.failures.some(isOfDeleted)
      ? streamTombstoned(target.stream)
      : revisionConflict(target, failure.actual);
  }
  const response = new streams.AppendSessionResponse();
  for (const [index, { stream }] of targets.entries()) {
    const output = new streams.AppendResponse();
    output.setStream(stream);
    output.setStreamRevision(String(outcome.revisions[index] ?? -1n));
    response.addOutput(output);
  }
  return response.setPosition(String(outcome.position?.commit ?? -1n));
}

async function readSession(
  { limits }: Node,
  requests: AsyncIterable<AppendRequest>,
): Promise<{ targets: StreamAppend[]; events: AppendedEvent[] }> {
  const targets: StreamAppend[] = [];
  const events: AppendedEvent[] = [];
  const named = new Set<string>();
  const count = recordCounter(limits);
  for await (const request of requests) {
    const stream = request.getStream();
    if (named.has(stream.toLowerCase())) {
      throw new CallError(
        status.ABORTED,
        `Stream '${stream}' already has a group of messages in this session.`,
      );
    }
    named.add(stream.toLowerCase());
    const expected = request.hasExpectedRevision() ? BigInt(request.getExpectedRevision() ?? 0) : ANY;
    targets.push({ stream, expected });
    for (const record of request.getRecordsList()) {
      const event = eventOf(record);
      count(stream, event, record);
      events.push({ ...event, of: targets.length - 1 });
    }
  }
  return { targets, events };
}
