import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type {
  handleBidiStreamingCall,
  Metadata,
  Server,
  ServiceDefinition,
  UntypedHandleCall,
} from '@grpc/grpc-js';
import gossipService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_grpc_pb.js';
import operations from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/operations_pb.js';
import type { ScavengeResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/operations_pb.js';
import operationsService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/operations_grpc_pb.js';
import featuresService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb.js';
import streamsService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import type {
  BatchAppendReq,
  BatchAppendResp,
  DeleteReq,
  ReadReq,
  ReadResp,
  TombstoneReq,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import newStreamsService from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js';
import type {
  AppendRecordsRequest,
  AppendRequest,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import { appendRecords } from './append-records.ts';
import { appendSession } from './append-session.ts';
import { batchAppend } from './batch-append.ts';
import { CallError } from './call-error.ts';
import { clientStreaming, serverStreaming, unary } from './calls.ts';
import { deleteStream, tombstone } from './delete-calls.ts';
import { clusterInfo } from './gossip.ts';
import type { Member } from './gossip.ts';
import type { Node } from './node.ts';
import { read } from './read-call.ts';
import { hasAppendRecords, hasAppendSession, supportedMethods } from './server-features.ts';
import type { Version } from './server-features.ts';

interface ServiceOptions {
  readonly version: Version;
  readonly members: () => readonly Member[];
}

/** Adds the calls of a node to a server. All others are UNIMPLEMENTED, as on a server that is too old for them. */
export function addServices(server: Server, node: Node, { version, members }: ServiceOptions): void {
  const batch: handleBidiStreamingCall<BatchAppendReq, BatchAppendResp> = (call) => {
    batchAppend(node, call);
  };
  add(server, streamsService.StreamsService, {
    read: serverStreaming<ReadReq, ReadResp>((...call) => read(node, ...call)),
    batchAppend: batch,
    delete: unary((request: DeleteReq, metadata) => deleteStream(node, request, metadata)),
    tombstone: unary((request: TombstoneReq, metadata) => tombstone(node, request, metadata)),
  });
  add(server, newStreamsService.StreamsServiceService, {
    ...(hasAppendSession(version) && {
      appendSession: clientStreaming((requests: AsyncIterable<AppendRequest>, metadata) =>
        appendSession(node, requests, metadata),
      ),
    }),
    ...(hasAppendRecords(version) && {
      appendRecords: unary((request: AppendRecordsRequest, metadata) =>
        appendRecords(node, request, metadata),
      ),
    }),
  });
  add(server, featuresService.ServerFeaturesService, {
    getSupportedMethods: unary(() => supportedMethods(version)),
  });
  add(server, gossipService.GossipService, { read: unary(() => clusterInfo(members())) });
  add(server, operationsService.OperationsService, {
    startScavenge: unary((_, metadata) => scavenge(node, metadata)),
  });
}

function add(
  server: Server,
  definition: ServiceDefinition,
  calls: Readonly<Record<string, UntypedHandleCall>>,
): void {
  const unimplemented = unary<unknown, never>(() => {
    throw new CallError(status.UNIMPLEMENTED, 'Service is unimplemented.');
  });
  const handlers = Object.keys(definition).map((name) => [name, calls[name] ?? unimplemented] as const);
  server.addService(definition, Object.fromEntries(handlers));
}

function scavenge({ store, gate }: Node, metadata: Metadata): ScavengeResp {
  gate.check(metadata);
  store.scavenge();
  const response = new operations.ScavengeResp();
  response.setScavengeId(randomUUID());
  return response.setScavengeResult(operations.ScavengeResp.ScavengeResult.STARTED);
}
