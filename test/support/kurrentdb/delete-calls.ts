import type { Metadata } from '@grpc/grpc-js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type {
  DeleteReq,
  DeleteResp,
  TombstoneReq,
  TombstoneResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { invalidArgument } from './call-error.ts';
import { streamOf, withPosition } from './messages.ts';
import type { Node } from './node.ts';

/** Runs `Delete` at any revision, which hides the stream's events. */
export async function deleteStream(node: Node, request: DeleteReq, metadata: Metadata): Promise<DeleteResp> {
  await node.gate.admit(metadata, { kind: 'append' });
  const position = node.store.softDelete(streamIn(request));
  return new streams.DeleteResp().setPosition(withPosition(new streams.DeleteResp.Position(), position));
}

/** Runs `Tombstone` at any revision, after which nothing can be appended to the stream. */
export async function tombstone(
  node: Node,
  request: TombstoneReq,
  metadata: Metadata,
): Promise<TombstoneResp> {
  await node.gate.admit(metadata, { kind: 'append' });
  const position = node.store.tombstone(streamIn(request));
  return new streams.TombstoneResp().setPosition(
    withPosition(new streams.TombstoneResp.Position(), position),
  );
}

function streamIn(request: DeleteReq | TombstoneReq): string {
  const options = request.getOptions();
  if (options?.hasAny() !== true) throw invalidArgument('the test server deletes at any revision alone');
  return streamOf(options.getStreamIdentifier());
}
