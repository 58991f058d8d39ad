import { randomUUID } from 'node:crypto';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type { ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import timestamps from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { streamMessage, uuidMessage, withPosition } from './messages.ts';
import type { Position, StoredEvent } from './stored-event.ts';

const TICKS_A_MS = 10_000n;

export function eventMessage(event: StoredEvent, isStructured: boolean): ReadResp {
  const recorded = withPosition(new streams.ReadResp.ReadEvent.RecordedEvent(), event);
  recorded.setId(uuidMessage(event.id, isStructured));
  recorded.setStreamIdentifier(streamMessage(event.stream));
  recorded.setStreamRevision(String(event.revision));
  recorded.setData(event.data);
  recorded.setCustomMetadata(event.metadata);
  const named = recorded.getMetadataMap();
  named.set('type', event.type);
  named.set('created', String(BigInt(event.created) * TICKS_A_MS));
  named.set('content-type', event.isJson ? 'application/json' : 'application/octet-stream');
  const message = new streams.ReadResp.ReadEvent();
  message.setEvent(recorded);
  message.setCommitPosition(String(event.commit));
  return new streams.ReadResp().setEvent(message);
}

export function confirmationMessage(): ReadResp {
  const confirmation = new streams.ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId(randomUUID());
  return new streams.ReadResp().setConfirmation(confirmation);
}

export function checkpointMessage(position: Position): ReadResp {
  const checkpoint = withPosition(new streams.ReadResp.Checkpoint(), position);
  checkpoint.setTimestamp(now());
  return new streams.ReadResp().setCheckpoint(checkpoint);
}

/** Returns the message that a subscription has no more events for now, with its position if it has one. */
export function caughtUpMessage(at: Position | null): ReadResp {
  const caughtUp = new streams.ReadResp.CaughtUp();
  caughtUp.setTimestamp(now());
  if (at !== null) caughtUp.setPosition(withPosition(new streams.ReadResp.Position(), at));
  return new streams.ReadResp().setCaughtUp(caughtUp);
}

export function streamNotFoundMessage(stream: string): ReadResp {
  const notFound = new streams.ReadResp.StreamNotFound();
  notFound.setStreamIdentifier(streamMessage(stream));
  return new streams.ReadResp().setStreamNotFound(notFound);
}

export const lastPositionMessage = (revision: bigint): ReadResp =>
  new streams.ReadResp().setLastStreamPosition(String(revision));

const now = () => timestamps.Timestamp.fromDate(new Date());
