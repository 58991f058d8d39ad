import { once } from 'node:events';
import { Metadata, status } from '@grpc/grpc-js';
import type {
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServerDuplexStream,
  ServerErrorResponse,
  ServerReadableStream,
  ServerWritableStream,
} from '@grpc/grpc-js';
import { CallError } from './errors.ts';

/** Returns the status of an error. Prints an error that is not a response of the protocol: it is a bug of the double. */
function statusOf(error: unknown): ServerErrorResponse {
  if (error instanceof CallError) return error;
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  const details = `the test server failed: ${String(error)}`;
  return Object.assign(new Error(details), { code: status.UNKNOWN, details, metadata: new Metadata() });
}

/** Yields a client's messages. Ending the iteration does not end the call, which still needs a response. */
export const messagesOf = <Q>(
  call: ServerReadableStream<Q, never> | ServerDuplexStream<Q, never>,
): AsyncIterable<Q> => call.iterator({ destroyOnReturn: false });

export const unary =
  <Q, A>(answer: (request: Q, metadata: Metadata) => A | Promise<A>): handleUnaryCall<Q, A> =>
  (call, callback) =>
    void Promise.try(answer, call.request, call.metadata).then(
      (message) => {
        callback(null, message);
      },
      (error: unknown) => {
        callback(statusOf(error));
      },
    );

export const clientStreaming =
  <Q, A>(
    answer: (requests: AsyncIterable<Q>, metadata: Metadata) => Promise<A>,
  ): handleClientStreamingCall<Q, A> =>
  (call, callback) =>
    void answer(messagesOf(call), call.metadata).then(
      (message) => {
        callback(null, message);
      },
      (error: unknown) => {
        if (!call.cancelled) callback(statusOf(error));
      },
    );

/** Returns the handler of a call in which the server may send many messages, and the client one or many. */
export const streaming =
  <Call extends ServerWritableStream<unknown, A> | ServerDuplexStream<unknown, A>, A>(
    answer: (call: Call, outgoing: Outgoing<A>) => Promise<void>,
  ) =>
  (call: Call): void => {
    const outgoing = new Outgoing<A>(call);
    answer(call, outgoing).then(
      () => {
        outgoing.end();
      },
      (error: unknown) => {
        outgoing.fail(error);
      },
    );
  };

export const serverStreaming = <Q, A>(
  answer: (request: Q, metadata: Metadata, outgoing: Outgoing<A>) => Promise<void>,
): handleServerStreamingCall<Q, A> =>
  streaming((call, outgoing) => answer(call.request, call.metadata, outgoing));

/** Messages to a client, with back-pressure. */
export class Outgoing<A> {
  readonly #call: ServerWritableStream<unknown, A> | ServerDuplexStream<unknown, A>;
  readonly #over = new AbortController();

  constructor(call: ServerWritableStream<unknown, A> | ServerDuplexStream<unknown, A>) {
    this.#call = call;
    for (const event of ['cancelled', 'close', 'finish'])
      call.on(event, () => {
        this.#over.abort();
      });
  }

  /** The signal that is aborted when the call is over, whichever side ended it. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Writes a message; resolves when the next one may be written. Throws if the call is over. */
  async write(message: A): Promise<void> {
    this.over.throwIfAborted();
    if (!this.#call.write(message)) await once(this.#call, 'drain', { signal: this.over });
  }

  end(): void {
    if (this.over.aborted) return;
    this.#call.end();
    this.#over.abort();
  }

  fail(error: unknown): void {
    if (this.over.aborted) return;
    this.#call.emit('error', statusOf(error));
    this.#over.abort();
  }
}
