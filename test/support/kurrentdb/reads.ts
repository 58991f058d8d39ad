import { status } from '@grpc/grpc-js';
import type { Metadata } from '@grpc/grpc-js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type {
  ReadReq,
  ReadResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type { Outgoing } from './calls.ts';
import { accessDenied, CallError, invalidArgument, streamDeleted } from './errors.ts';
import { DELETED } from './log-store.ts';
import type { LogStore, Position, StoredEvent } from './log-store.ts';
import { eventMessage, filled, streamOf } from './messages.ts';
import type { Node } from './node.ts';

const BEGINNING: Position = { commit: 0n, prepare: 0n };

/** Runs `Read` of the first protocol: reads of a stream or of `$all`. */
export async function read(
  node: Node,
  request: ReadReq,
  metadata: Metadata,
  outgoing: Outgoing<ReadResp>,
): Promise<void> {
  const options = request.getOptions() ?? new streams.ReadReq.Options();
  if (options.getResolveLinks() || options.hasSubscription())
    throw new CallError(status.UNIMPLEMENTED, 'the test server resolves no links, and has no subscriptions');
  await node.admit(metadata, { kind: 'read' });
  if (options.hasCount() && Number(options.getCount()) === 0)
    throw new CallError(
      status.UNKNOWN,
      `Unexpected ${options.hasAll() ? 'ReadAllResult' : 'ReadStreamResult'}: Error`,
    );
  if (options.hasAll() && node.faults.isLocked('$all')) throw accessDenied();
  const found = options.hasAll() ? eventsOfAll(node.store, options) : eventsOfStream(node.store, options);
  if (found === null) {
    const streamIdentifier = options.getStream()?.getStreamIdentifier();
    const streamNotFound = filled(new streams.ReadResp.StreamNotFound(), { streamIdentifier });
    await outgoing.write(filled(new streams.ReadResp(), { streamNotFound }));
    return;
  }
  let left = BigInt(options.getCount());
  for (const event of found) {
    if (left <= 0n) return;
    await outgoing.write(eventMessage(event));
    left -= 1n;
  }
}

const isBackwards = (options: ReadReq.Options): boolean =>
  options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;

/** Returns the events of a stream in the direction of a read; null if there is no stream. */
function eventsOfStream(store: LogStore, options: ReadReq.Options): StoredEvent[] | null {
  const requested = options.getStream() ?? new streams.ReadReq.Options.StreamOptions();
  const stream = streamOf(requested.getStreamIdentifier());
  const last = store.lastRevision(stream);
  if (last === DELETED) throw streamDeleted(stream);
  if (last < 0n || store.isSoftDeleted(stream)) return null;
  const from = requested.hasStart() ? 0n : requested.hasEnd() ? last : BigInt(requested.getRevision());
  const events = store.eventsOf(stream);
  return isBackwards(options)
    ? events.filter(({ revision }) => revision <= from).reverse()
    : events.filter(({ revision }) => revision >= from);
}

/** Yields the matching events of the log in the direction of a read. */
function* eventsOfAll(store: LogStore, options: ReadReq.Options): Generator<StoredEvent> {
  const allows = filterOf(options);
  const from = options.getAll()?.hasStart() === true ? BEGINNING : (positionIn(store, options) ?? store.end);
  for (const event of store.walk(from, isBackwards(options))) if (allows(event)) yield event;
}

/** Returns the position of a request; null for the beginning or the end. */
function positionIn(store: LogStore, options: ReadReq.Options): Position | null {
  const requested = options.getAll()?.getPosition();
  if (requested === undefined) return null;
  const position = {
    commit: BigInt(requested.getCommitPosition()),
    prepare: BigInt(requested.getPreparePosition()),
  };
  if (!store.isReadable(position)) throw invalidArgument('Trying to read from an invalid position.');
  return position;
}

function filterOf(options: ReadReq.Options): (event: StoredEvent) => boolean {
  const filter = options.getFilter();
  if (filter === undefined) return () => true;
  const isByStream = filter.hasStreamIdentifier();
  const expression = isByStream ? filter.getStreamIdentifier() : filter.getEventType();
  const prefixes = expression?.getPrefixList() ?? [];
  const source = expression?.getRegex() ?? '';
  const regex = new RegExp(source, 'u');
  return (event) => {
    const text = isByStream ? event.stream : event.type;
    return source === '' ? prefixes.some((prefix) => text.startsWith(prefix)) : regex.test(text);
  };
}
