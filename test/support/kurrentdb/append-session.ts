import type { Metadata } from '@grpc/grpc-js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import type {
  AppendRequest,
  AppendSessionResponse,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import { eventOf, recordCounter } from './append-record.ts';
import { ANY } from './commit-check.ts';
import {
  alreadyInSession,
  emptySession,
  invalidRequest,
  notLeaderNode,
  revisionConflict,
  streamTombstoned,
} from './detailed-error.ts';
import type { AppendedEvent, StreamAppend } from './log-store.ts';
import type { Node } from './node.ts';
import { isOfDeleted } from './append-call.ts';

/** `AppendSession` of the second protocol (25.1): appends to several streams, all or none, each named once. */
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
    const deleted = outcome.failures.some((each) => isOfDeleted(targets[each.of] ?? target, each));
    throw deleted ? streamTombstoned(target.stream) : revisionConflict(target, failure.actual);
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
    checkRequest(request);
    if (named.has(stream.toLowerCase())) throw alreadyInSession(stream);
    named.add(stream.toLowerCase());
    const expected = request.hasExpectedRevision() ? BigInt(request.getExpectedRevision() ?? 0) : ANY;
    targets.push({ stream, expected });
    for (const record of request.getRecordsList()) {
      const event = eventOf(record);
      count(stream, event, record);
      events.push({ ...event, of: targets.length - 1 });
    }
  }
  if (targets.length === 0) throw emptySession();
  return { targets, events };
}

const EXPECTATIONS = ['-1', '-2', '-4'];

function checkRequest(request: AppendRequest): void {
  const invalid = (violation: string) => invalidRequest('AppendRequest', violation);
  const stream = request.getStream();
  if (stream === '' || stream === '$$') throw invalid(`Stream must not be '${stream}'.`);
  const expected = request.getExpectedRevision() ?? '0';
  if (expected.startsWith('-') && !EXPECTATIONS.includes(expected)) {
    throw invalid(
      'Expected revision must be positive or one of the allowed constants: NoStream (-1), Any (-2) or Exists (-4).',
    );
  }
  if (request.getRecordsList().length === 0) {
    throw invalid('Stream append request must contain at least one record');
  }
}
