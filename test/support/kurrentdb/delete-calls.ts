import type { Metadata } from '@grpc/grpc-js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type {
  DeleteReq,
  DeleteResp,
  TombstoneReq,
  TombstoneResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { isOfDeleted } from './append-call.ts';
import { invalidArgument, streamDeleted, wrongVersionOfDeletion } from './call-error.ts';
import type { AppendOutcome, StreamAppend } from './log-store.ts';
import { expectationOf, streamOf, withPosition } from './messages.ts';
import type { Node } from './node.ts';
import type { Position } from './stored-event.ts';

/** `Delete`: the stream may be written to again. */
export async function deleteStream(node: Node, request: DeleteReq, metadata: Metadata): Promise<DeleteResp> {
  const target = targetOf(request);
  const position = await removed(node, metadata, target, () =>
    node.store.softDelete(target.stream, target.expected),
  );
  return new streams.DeleteResp().setPosition(withPosition(new streams.DeleteResp.Position(), position));
}

/** `Tombstone`: nobody ever writes to the stream again. */
export async function tombstone(
  node: Node,
  request: TombstoneReq,
  metadata: Metadata,
): Promise<TombstoneResp> {
  const target = targetOf(request);
  const position = await removed(node, metadata, target, () =>
    node.store.tombstone(target.stream, target.expected),
  );
  return new streams.TombstoneResp().setPosition(
    withPosition(new streams.TombstoneResp.Position(), position),
  );
}

function targetOf(request: DeleteReq | TombstoneReq): StreamAppend {
  const options = request.getOptions();
  if (options === undefined) throw invalidArgument('a deletion needs options');
  const stream = streamOf(options.getStreamIdentifier());
  return { stream, expected: expectationOf(options, options.getRevision()) };
}

async function removed(
  { gate, faults }: Node,
  metadata: Metadata,
  target: StreamAppend,
  remove: () => AppendOutcome,
): Promise<Position> {
  await gate.admit(metadata, { kind: 'append' });
  const outcome = remove();
  if (outcome.kind === 'refused') {
    const [failure] = outcome.failures;
    if (failure === undefined) throw new Error('a deletion was refused for nothing');
    if (isOfDeleted(target, failure)) throw streamDeleted(target.stream);
    throw wrongVersionOfDeletion(target.stream, target.expected, failure.actual);
  }
  faults.loseAnswer(outcome);
  if (outcome.position === null) throw new Error('a deletion was stored nowhere');
  return outcome.position;
}
