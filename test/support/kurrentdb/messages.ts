import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import type {
  StreamIdentifier,
  UUID,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import anyMessages from 'google-protobuf/google/protobuf/any_pb.js';
import type { Any } from 'google-protobuf/google/protobuf/any_pb.js';
import { ANY, NO_STREAM } from './commit-check.ts';
import { invalidArgument, metadataMissing } from './call-error.ts';
import type { NewEvent, Position } from './stored-event.ts';

export function uuidMessage(id: string, isStructured = false): UUID {
  const message = new shared.UUID();
  if (!isStructured) {
    message.setString(id);
    return message;
  }
  const hex = id.replaceAll('-', '');
  const signed = (digits: string) => String(BigInt.asIntN(64, BigInt(`0x${digits}`)));
  const structured = new shared.UUID.Structured();
  structured.setMostSignificantBits(signed(hex.slice(0, 16)));
  structured.setLeastSignificantBits(signed(hex.slice(16)));
  message.setStructured(structured);
  return message;
}

export function uuidOf(message: UUID | undefined): string {
  const structured = message?.getStructured();
  const id =
    structured === undefined
      ? (message?.getString() ?? '').toLowerCase()
      : [structured.getMostSignificantBits(), structured.getLeastSignificantBits()]
          .map((bits) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0'))
          .join('')
          .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw invalidArgument(`'${id}' is no UUID`);
  return id;
}

export function streamMessage(stream: string): StreamIdentifier {
  const message = new shared.StreamIdentifier();
  message.setStreamName(new TextEncoder().encode(stream));
  return message;
}

export function streamOf(message: StreamIdentifier | undefined): string {
  const stream = Buffer.from(message?.getStreamName_asU8() ?? []).toString('utf8');
  if (stream === '') throw invalidArgument('a stream needs a name');
  return stream;
}

/** A message with both fields of a position. */
interface PositionMessage {
  setCommitPosition(value: string): unknown;
  setPreparePosition(value: string): unknown;
}

export function withPosition<M extends PositionMessage>(message: M, { commit, prepare }: Position): M {
  message.setCommitPosition(String(commit));
  message.setPreparePosition(String(prepare));
  return message;
}

/** The expectation in a request, without its revision. */
interface ExpectingOptions {
  hasAny(): boolean;
  hasNoStream(): boolean;
}

export function expectationOf(options: ExpectingOptions, revision: string): bigint {
  if (options.hasAny()) return ANY;
  if (options.hasNoStream()) return NO_STREAM;
  return BigInt(revision);
}

interface ProposedMessage {
  getId(): UUID | undefined;
  getMetadataMap(): { get(name: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

export function proposedEvent(message: ProposedMessage): NewEvent {
  const named = message.getMetadataMap();
  const type = named.get('type');
  const contentType = named.get('content-type');
  if (type === undefined) throw metadataMissing('type');
  if (contentType === undefined) throw metadataMissing('content-type');
  return {
    id: uuidOf(message.getId()),
    type,
    isJson: contentType === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

export function packedAny(type: string, bytes: Uint8Array): Any {
  const any = new anyMessages.Any();
  any.pack(bytes, type);
  return any;
}
