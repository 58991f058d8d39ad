import type { Metadata } from '@grpc/grpc-js';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type {
  AppendReq,
  AppendResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { sizeCounter } from './append-limits.ts';
import { invalidArgument, streamDeleted } from './call-error.ts';
import { ANY, NO_STREAM, STREAM_EXISTS } from './commit-check.ts';
import type { AppendedEvent, AppendOutcome, FailedCheck, StreamAppend } from './log-store.ts';
import { expectationOf, proposedEvent, streamOf, withPosition } from './messages.ts';
import type { Node } from './node.ts';
import { DELETED } from './stream-metadata.ts';

/** `Append` of the first protocol: one stream, its events one message each. */
export async function append(
  node: Node,
  requests: AsyncIterable<AppendReq>,
  metadata: Metadata,
): Promise<AppendResp> {
  await node.gate.admit(metadata, { kind: 'append' });
  const { target, events } = await readRequests(node, requests);
  const outcome = await node.faults.append(node.store, [target], events);
  const response = new streams.AppendResp();
  if (outcome.kind === 'stored') return response.setSuccess(success(outcome));
  const [failure] = outcome.failures;
  if (failure === undefined) throw new Error('an append was refused for nothing');
  if (isOfDeleted(target, failure)) throw streamDeleted(target.stream);
  return response.setWrongExpectedVersion(wrongVersion(target, failure));
}

/** Whether a refusal says that the stream is deleted, and not that it is at another revision. */
export const isOfDeleted = ({ expected }: StreamAppend, { actual, isSoftDeleted }: FailedCheck): boolean =>
  actual === DELETED || (expected === STREAM_EXISTS && isSoftDeleted);

async function readRequests(
  { limits }: Node,
  requests: AsyncIterable<AppendReq>,
): Promise<{ target: StreamAppend; events: AppendedEvent[] }> {
  const count = sizeCounter(limits);
  const events: AppendedEvent[] = [];
  let target: StreamAppend | undefined;
  for await (const request of requests) {
    const options = request.getOptions();
    const proposed = request.getProposedMessage();
    if (options !== undefined) {
      const stream = streamOf(options.getStreamIdentifier());
      target = { stream, expected: expectationOf(options, options.getRevision()) };
    } else if (proposed !== undefined) {
      const event = proposedEvent(proposed);
      count(event);
      events.push({ ...event, of: 0 });
    }
  }
  if (target === undefined) throw invalidArgument('an append begins with its options');
  return { target, events };
}

function success({
  position,
  revisions: [revision = -1n],
}: Extract<AppendOutcome, { kind: 'stored' }>): AppendResp.Success {
  const message = new streams.AppendResp.Success();
  if (revision < 0n) message.setNoStream(new shared.Empty());
  else message.setCurrentRevision(String(revision));
  if (position === null) return message.setNoPosition(new shared.Empty());
  return message.setPosition(withPosition(new streams.AppendResp.Position(), position));
}

function wrongVersion({ expected }: StreamAppend, { actual }: FailedCheck): AppendResp.WrongExpectedVersion {
  const message = new streams.AppendResp.WrongExpectedVersion();
  if (actual < 0n) message.setCurrentNoStream(new shared.Empty());
  else message.setCurrentRevision(String(actual));
  if (expected === ANY) return message.setExpectedAny(new shared.Empty());
  if (expected === NO_STREAM) return message.setExpectedNoStream(new shared.Empty());
  if (expected === STREAM_EXISTS) return message.setExpectedStreamExists(new shared.Empty());
  return message.setExpectedRevision(String(expected));
}
