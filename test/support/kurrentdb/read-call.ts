import type { Metadata } from '@grpc/grpc-js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type {
  ReadReq,
  ReadResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { accessDenied, CallError, invalidArgument, streamDeleted } from './call-error.ts';
import type { Outgoing } from './calls.ts';
import { filteredPage, filterOf, NO_FILTER, PAGE_SIZE } from './event-filter.ts';
import type { EventFilter } from './event-filter.ts';
import { followAll } from './follow-all.ts';
import { streamOf } from './messages.ts';
import type { Node } from './node.ts';
import { eventMessage, lastPositionMessage, streamNotFoundMessage } from './read-messages.ts';
import { DELETED } from './stream-metadata.ts';
import type { Position } from './stored-event.ts';
import { status } from '@grpc/grpc-js';

/** Runs `Read` of the first protocol: reads and subscriptions, of a stream or of `$all`. */
export async function read(
  node: Node,
  request: ReadReq,
  metadata: Metadata,
  outgoing: Outgoing<ReadResp>,
): Promise<void> {
  const options = request.getOptions();
  const uuids = options?.getUuidOption();
  if (options === undefined || uuids === undefined)
    throw invalidArgument("'uuidOption' is a required argument");
  const isSubscription = options.hasSubscription();
  if (options.getResolveLinks() || (isSubscription && !options.hasAll()))
    throw new CallError(status.UNIMPLEMENTED, 'the test server resolves no links, and follows $all alone');
  await node.gate.admit(metadata, { kind: isSubscription ? 'subscribe' : 'read' });
  if (options.hasAll() && node.faults.isLocked('$all')) throw accessDenied();
  const reading: Reading = { node, options, outgoing, isStructured: uuids.hasStructured() };
  if (isSubscription) node.subscriptions.add(outgoing);
  await (options.hasAll() ? readAll(reading, isSubscription) : readStream(reading));
}

interface Reading {
  readonly node: Node;
  readonly options: ReadReq.Options;
  readonly outgoing: Outgoing<ReadResp>;
  readonly isStructured: boolean;
}

const isBackwards = (options: ReadReq.Options) =>
  options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;

const START: Position = { commit: 0n, prepare: 0n };

async function readAll(reading: Reading, isSubscription: boolean): Promise<void> {
  const { node, options, outgoing, isStructured } = reading;
  const all = options.getAll();
  if (all === undefined) throw invalidArgument('a read of $all needs its options');
  const filter = filterFrom(options);
  const requested = all.getPosition();
  const position =
    requested === undefined
      ? null
      : { commit: BigInt(requested.getCommitPosition()), prepare: BigInt(requested.getPreparePosition()) };
  if (position !== null && !node.store.isReadable(position)) {
    throw invalidArgument('Trying to read from an invalid position.');
  }
  if (isSubscription) {
    const from = all.hasStart() ? null : (position ?? node.store.lastPosition());
    await followAll(node.store, outgoing, {
      from,
      isStructured,
      filter: options.hasFilter() ? filter : null,
    });
    return;
  }
  const end = { commit: node.store.end, prepare: node.store.end };
  const from = all.hasStart() ? START : (position ?? end);
  await (isBackwards(options)
    ? readAllBackwards(reading, from, filter)
    : readAllForwards(reading, from, filter));
}

const filterFrom = (options: ReadReq.Options): EventFilter => {
  const filter = options.getFilter();
  return filter === undefined ? NO_FILTER : filterOf(filter);
};

async function readAllForwards(
  { node, options, outgoing, isStructured }: Reading,
  from: Position,
  filter: EventFilter,
): Promise<void> {
  let left = BigInt(options.getCount());
  let page = filteredPage(node.store, from, filter);
  for (;;) {
    for (const event of page.events) {
      if (left <= 0n) return;
      await outgoing.write(eventMessage(event, isStructured));
      left -= 1n;
    }
    if (page.isEnd || left <= 0n) return;
    page = filteredPage(node.store, page.next, filter);
  }
}

async function readAllBackwards(
  { node, options, outgoing, isStructured }: Reading,
  from: Position,
  { allows }: EventFilter,
): Promise<void> {
  let left = BigInt(options.getCount());
  let before = from;
  for (;;) {
    const page = node.store.pageBackwards(before, PAGE_SIZE);
    for (const event of page) {
      before = event;
      if (!allows(event)) continue;
      if (left <= 0n) return;
      await outgoing.write(eventMessage(event, isStructured));
      left -= 1n;
    }
    if (page.length === 0 || left <= 0n) return;
  }
}

async function readStream(reading: Reading): Promise<void> {
  const { node, options, outgoing } = reading;
  const streamOptions = options.getStream();
  if (streamOptions === undefined) throw invalidArgument('a read needs a stream, or $all');
  const stream = streamOf(streamOptions.getStreamIdentifier());
  const { store } = node;
  if (store.lastRevision(stream) === DELETED) throw streamDeleted(stream);
  if (store.lastRevision(stream) < 0n || store.isSoftDeleted(stream)) {
    await outgoing.write(streamNotFoundMessage(stream));
    return;
  }
  const from = streamOptions.hasStart()
    ? 0n
    : streamOptions.hasEnd()
      ? null
      : BigInt(streamOptions.getRevision());
  await (isBackwards(options)
    ? readStreamBackwards(reading, stream, from)
    : readStreamForwards(reading, stream, from ?? DELETED));
  if ((options.getControlOption()?.getCompatibility() ?? 0) >= 1) {
    await outgoing.write(lastPositionMessage(store.lastRevision(stream)));
  }
}

async function readStreamForwards(
  { node, options, outgoing, isStructured }: Reading,
  stream: string,
  start: bigint,
): Promise<void> {
  let left = BigInt(options.getCount());
  let from = start;
  while (left > 0n) {
    const page = node.store.streamPage(stream, from, PAGE_SIZE);
    if (page.length === 0) return;
    for (const event of page) {
      if (left <= 0n) return;
      await outgoing.write(eventMessage(event, isStructured));
      left -= 1n;
      from = event.revision + 1n;
    }
  }
}

async function readStreamBackwards(
  { node, options, outgoing, isStructured }: Reading,
  stream: string,
  start: bigint | null,
): Promise<void> {
  let left = BigInt(options.getCount());
  let from = start;
  while (left > 0n) {
    const page = node.store.streamPageBackwards(stream, from, PAGE_SIZE);
    if (page.length === 0) return;
    for (const event of page) {
      if (left <= 0n) return;
      await outgoing.write(eventMessage(event, isStructured));
      left -= 1n;
      from = event.revision - 1n;
    }
  }
}
