import { Metadata, status } from '@grpc/grpc-js';

/** The end of a call: its status, and the trailers with KurrentDB's details. */
export class CallError extends Error {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;

  constructor(code: status, details: string, trailers: Readonly<Record<string, string | Buffer>> = {}) {
    super(details);
    this.code = code;
    this.details = details;
    this.metadata = new Metadata();
    for (const [name, value] of Object.entries(trailers)) this.metadata.set(name, value);
  }
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export const unavailable = (): CallError => new CallError(status.UNAVAILABLE, 'Server Is Not Ready');

export const connectionDropped = (): CallError => new CallError(status.UNAVAILABLE, 'Connection dropped');

export const accessDenied = (): CallError =>
  new CallError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const unauthenticated = (): CallError =>
  new CallError(status.UNAUTHENTICATED, 'Bad gRPC response. HTTP status code: 401');

export const invalidArgument = (details: string): CallError =>
  new CallError(status.INVALID_ARGUMENT, details);

export const notLeader = ({ host, port }: Endpoint): CallError =>
  new CallError(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const streamDeleted = (stream: string): CallError =>
  new CallError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const appendTooLarge = (limit: number): CallError =>
  new CallError(status.INVALID_ARGUMENT, `Maximum Append Size of ${limit} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limit),
  });

export const eventTooLarge = (id: string, size: number, limit: number): CallError =>
  new CallError(
    status.INVALID_ARGUMENT,
    `Event with Id: ${id}, Size: ${size}, exceeds Maximum Append Event Size of ${limit}.`,
    {
      exception: 'maximum-append-event-size-exceeded',
      'maximum-append-event-size': String(limit),
      'event-id': id,
      'proposed-append-event-size': String(size),
    },
  );

export const metadataMissing = (name: string): CallError =>
  new CallError(status.INVALID_ARGUMENT, `Required Metadata Property '${name}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });
