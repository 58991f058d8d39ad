import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import type {
  StreamIdentifier,
  UUID,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type { ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import anyMessages from 'google-protobuf/google/protobuf/any_pb.js';
import type { Any } from 'google-protobuf/google/protobuf/any_pb.js';
import empties from 'google-protobuf/google/protobuf/empty_pb.js';
import type { Position, StoredEvent } from './log-store.ts';

/** The fields of a message by the names of their setters: `setStream` sets `stream`. */
type FieldsOf<Message> = {
  readonly [
    Setter in keyof Message as Setter extends `set${infer Name}` ? Uncapitalize<Name> : never
  ]?: Message[Setter] extends (value: infer Value) => unknown ? Value : never;
};

/** Sets fields of a generated message, and returns it. */
export function filled<Message extends object>(message: Message, fields: FieldsOf<Message>): Message {
  const setters = message as Record<string, (value: unknown) => unknown>;
  for (const [name, value] of Object.entries(fields))
    setters[`set${name.charAt(0).toUpperCase()}${name.slice(1)}`]?.call(message, value);
  return message;
}

export const nothing = () => new empties.Empty();

/** Returns an id as the two signed numbers that the client's native part reads. */
export function uuidMessage(id: string): UUID {
  const hex = id.replaceAll('-', '');
  const signed = (digits: string) => String(BigInt.asIntN(64, BigInt(`0x${digits}`)));
  const structured = filled(new shared.UUID.Structured(), {
    mostSignificantBits: signed(hex.slice(0, 16)),
    leastSignificantBits: signed(hex.slice(16)),
  });
  return filled(new shared.UUID(), { structured });
}

export const streamMessage = (stream: string): StreamIdentifier =>
  filled(new shared.StreamIdentifier(), { streamName: new TextEncoder().encode(stream) });

export const streamOf = (message: StreamIdentifier | undefined): string =>
  Buffer.from(message?.getStreamName_asU8() ?? []).toString('utf8');

/** Returns the fields of a message with a position. */
export const positionFields = ({ commit, prepare }: Position) => ({
  commitPosition: String(commit),
  preparePosition: String(prepare),
});

export function packedAny(type: string, message: { serializeBinary(): Uint8Array }): Any {
  const any = new anyMessages.Any();
  any.pack(message.serializeBinary(), type);
  return any;
}

const TICKS_A_MS = 10_000n;

export function eventMessage(event: StoredEvent): ReadResp {
  const recorded = filled(new streams.ReadResp.ReadEvent.RecordedEvent(), {
    id: uuidMessage(event.id),
    streamIdentifier: streamMessage(event.stream),
    streamRevision: String(event.revision),
    data: event.data,
    customMetadata: event.metadata,
    ...positionFields(event),
  });
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('created', String(BigInt(event.created) * TICKS_A_MS))
    .set('content-type', event.isJson ? 'application/json' : 'application/octet-stream');
  const message = filled(new streams.ReadResp.ReadEvent(), {
    event: recorded,
    commitPosition: String(event.commit),
  });
  return filled(new streams.ReadResp(), { event: message });
}
