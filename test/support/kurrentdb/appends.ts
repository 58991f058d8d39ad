import { status } from '@grpc/grpc-js';
import type { Metadata, ServerDuplexStream } from '@grpc/grpc-js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type {
  BatchAppendReq,
  BatchAppendResp,
  DeleteReq,
  DeleteResp,
  TombstoneReq,
  TombstoneResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import newStreams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import type {
  AppendRecord,
  AppendRecordsRequest,
  AppendRecordsResponse,
  AppendRequest,
  AppendSessionResponse,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import { messagesOf } from './calls.ts';
import type { Outgoing } from './calls.ts';
import {
  appendRefused,
  appendTooLarge,
  badRequest,
  CallError,
  invalidArgument,
  notLeaderNode,
  recordsRefused,
  sessionRefused,
  transactionTooLarge,
} from './errors.ts';
import { ANY, NO_STREAM, STREAM_EXISTS } from './log-store.ts';
import type { AppendedEvent, AppendOutcome, NewEvent, Position } from './log-store.ts';
import { filled, nothing, positionFields, streamMessage, streamOf } from './messages.ts';
import type { Node } from './node.ts';

interface PendingAppend {
  readonly stream: string;
  readonly expected: bigint;
  readonly events: AppendedEvent[];
}

/**
 * Runs `BatchAppend` of the first protocol: one call with many appends, each of one or more messages, and each with its
 * own response. A fault of the node ends the call, and with it all appends without a response.
 */
export async function batchAppend(
  node: Node,
  call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>,
  outgoing: Outgoing<BatchAppendResp>,
): Promise<void> {
  node.checkLogin(call.metadata);
  const pending = new Map<string, PendingAppend>();
  const unanswered: Promise<void>[] = [];
  for await (const request of messagesOf(call)) {
    const id = request.getCorrelationId()?.toString() ?? '';
    const options = request.getOptions();
    const append = pending.get(id) ?? appendOf(options);
    pending.set(id, append);
    for (const message of request.getProposedMessagesList())
      append.events.push({ ...proposedEvent(message), stream: append.stream });
    if (!request.getIsFinal()) continue;
    pending.delete(id);
    await node.admit(call.metadata, { kind: 'append' });
    const response = filled(new streams.BatchAppendResp(), {
      correlationId: request.getCorrelationId(),
      streamIdentifier: streamMessage(append.stream),
    });
    // A delayed append delays only its own response.
    const answered = answer(node, append, response).then((message) => outgoing.write(message));
    unanswered.push(
      answered.catch((error: unknown) => {
        outgoing.fail(error);
      }),
    );
  }
  await Promise.all(unanswered);
}

function appendOf(options: BatchAppendReq.Options | undefined): PendingAppend {
  if (options === undefined) throw invalidArgument('an append begins with its options');
  const revision = () => BigInt(options.getStreamPosition());
  const expected = options.hasAny()
    ? ANY
    : options.hasNoStream()
      ? NO_STREAM
      : options.hasStreamExists()
        ? STREAM_EXISTS
        : revision();
  return { stream: streamOf(options.getStreamIdentifier()), expected, events: [] };
}

function proposedEvent(message: BatchAppendReq.ProposedMessage): NewEvent {
  const named = message.getMetadataMap();
  return {
    id: message.getId()?.getString() ?? '',
    type: named.get('type') ?? '',
    isJson: named.get('content-type') === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

async function answer(
  { faults, store, appendMax }: Node,
  { stream, expected, events }: PendingAppend,
  response: BatchAppendResp,
): Promise<BatchAppendResp> {
  const empty = stream === '' ? 'eventStreamId' : events.some(({ type }) => type === '') && 'eventType';
  if (empty) return filled(response, { error: badRequest(`Empty ${empty} provided.`) });
  // The server counts neither types nor metadata.
  const size = events.reduce((sum, { data }) => sum + data.length, 0);
  if (size > appendMax) return filled(response, { error: appendTooLarge(appendMax) });
  const outcome = await faults.append(store, new Map([[stream, expected]]), events);
  const [failure] = outcome.kind === 'refused' ? outcome.failures : [];
  if (failure !== undefined) return filled(response, { error: appendRefused(failure) });
  const { position, revisionOf } = storedIn(outcome);
  const revision = revisionOf(stream);
  const success = filled(new streams.BatchAppendResp.Success(), {
    ...(revision === NO_STREAM ? { noStream: nothing() } : { currentRevision: String(revision) }),
    ...(position === null
      ? { noPosition: nothing() }
      : { position: filled(new shared.AllStreamPosition(), positionFields(position)) }),
  });
  return filled(response, { success });
}

function storedIn(outcome: AppendOutcome) {
  if (outcome.kind === 'refused') throw new Error('an append was refused for nothing');
  return outcome;
}

const LEADER_ONLY = { kind: 'append', needsLeader: true, notLeader: notLeaderNode } as const;

/** Runs `AppendSession` of the second protocol (25.1): appends to several streams, all or none, each named once. */
export async function appendSession(
  node: Node,
  requests: AsyncIterable<AppendRequest>,
  metadata: Metadata,
): Promise<AppendSessionResponse> {
  await node.admit(metadata, LEADER_ONLY);
  const expectations = new Map<string, bigint>();
  const records: AppendRecord[] = [];
  for await (const request of requests) {
    const stream = request.getStream();
    if (expectations.has(stream))
      throw new CallError(status.ABORTED, `Stream '${stream}' already has a group of messages.`);
    expectations.set(stream, BigInt(request.getExpectedRevision() ?? ANY));
    records.push(...request.getRecordsList().map((record) => filled(record, { stream })));
  }
  const events = eventsOf(records, node.appendMax);
  const outcome = await node.faults.append(node.store, expectations, events);
  const [failure] = outcome.kind === 'refused' ? outcome.failures : [];
  if (failure !== undefined) throw sessionRefused(failure);
  const { position, revisionOf } = storedIn(outcome);
  const outputList = [...expectations.keys()].map((stream) =>
    filled(new newStreams.AppendResponse(), { stream, streamRevision: String(revisionOf(stream)) }),
  );
  return filled(new newStreams.AppendSessionResponse(), { outputList, position: commitOf(position) });
}

/** Runs `AppendRecords` of the second protocol (26.1): records of any streams in any order, and checks of streams. */
export async function appendRecords(
  node: Node,
  request: AppendRecordsRequest,
  metadata: Metadata,
): Promise<AppendRecordsResponse> {
  await node.admit(metadata, LEADER_ONLY);
  const events = eventsOf(request.getRecordsList(), node.appendMax);
  const checks = request.getChecksList().map((check) => {
    const state = check.getStreamState();
    return [state?.getStream() ?? '', BigInt(state?.getExpectedState() ?? ANY)] as const;
  });
  if (checks.some(([, expected]) => expected === ANY)) throw invalidArgument('Any (-2) is not allowed.');
  const expectations = new Map(checks);
  for (const { stream } of events) if (!expectations.has(stream)) expectations.set(stream, ANY);
  const outcome = await node.faults.append(node.store, expectations, events);
  if (outcome.kind === 'refused') throw recordsRefused(outcome.failures, expectations);
  const { position, revisionOf } = outcome;
  const written = new Set(events.map(({ stream }) => stream));
  const revisionsList = [...written].map((stream) =>
    filled(new newStreams.StreamRevision(), { stream, revision: String(revisionOf(stream)) }),
  );
  return filled(new newStreams.AppendRecordsResponse(), { revisionsList, position: commitOf(position) });
}

const commitOf = (position: Position | null): string => String(position?.commit ?? -1n);

/**
 * Returns the events of records. Their properties become metadata, with two of the server's own: the name of the
 * schema, which is the event's type, and its format.
 */
function eventsOf(records: readonly AppendRecord[], appendMax: number): AppendedEvent[] {
  const size = records.reduce((sum, record) => sum + record.serializeBinary().length, 0);
  if (size > appendMax) throw transactionTooLarge(size, appendMax);
  return records.map((record) => {
    const type = record.getSchema()?.getName() ?? '';
    const isJson = record.getSchema()?.getFormat() === newStreams.SchemaFormat.SCHEMA_FORMAT_JSON;
    const properties: Record<string, unknown> = {};
    record.getPropertiesMap().forEach((value, key) => {
      properties[key] = value.toJavaScript();
    });
    const schema = { '$schema.name': type, '$schema.format': isJson ? 'Json' : 'Bytes' };
    return {
      id: record.getRecordId() ?? '',
      stream: record.getStream(),
      type,
      isJson,
      data: record.getData_asU8(),
      metadata: Buffer.from(JSON.stringify({ ...properties, ...schema })),
    };
  });
}

/** Runs `Delete` at any revision, which hides the stream's events. */
export async function deleteStream(node: Node, request: DeleteReq, metadata: Metadata): Promise<DeleteResp> {
  await node.admit(metadata, { kind: 'append' });
  const fields = positionFields(node.store.softDelete(streamIn(request)));
  const position = filled(new streams.DeleteResp.Position(), fields);
  return filled(new streams.DeleteResp(), { position });
}

/** Runs `Tombstone` at any revision, after which nothing can be appended to the stream. */
export async function tombstone(
  node: Node,
  request: TombstoneReq,
  metadata: Metadata,
): Promise<TombstoneResp> {
  await node.admit(metadata, { kind: 'append' });
  const fields = positionFields(node.store.tombstone(streamIn(request)));
  const position = filled(new streams.TombstoneResp.Position(), fields);
  return filled(new streams.TombstoneResp(), { position });
}

function streamIn(request: DeleteReq | TombstoneReq): string {
  const options = request.getOptions();
  if (options?.hasAny() !== true) throw invalidArgument('the test server deletes at any revision alone');
  return streamOf(options.getStreamIdentifier());
}
