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
import { CallError } from './call-error.ts';

/**
 * Returns the status of an error. Prints an error that is not a protocol response, because it is a bug of the double.
 */
function statusOf(error: unknown): ServerErrorResponse {
  if (error instanceof CallError) return error;
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  const details = `the test server failed: ${String(error)}`;
  return Object.assign(new Error(details), { code: status.UNKNOWN, details, metadata: new Metadata() });
}

export const unary =
  <Q, A>(answer: (request: Q, metadata: Metadata) => A | Promise<A>): handleUnaryCall<Q, A> =>
  (call, callback) => {
    Promise.resolve()
      .then(() => answer(call.request, call.metadata))
      .then(
        (message) => {
          callback(null, message);
        },
        (error: unknown) => {
          callback(statusOf(error));
        },
      );
  };

/** Yields a client's messages. Ending the iteration does not end the call, which still needs a response. */
export const messagesOf = <Q>(
  call: ServerReadableStream<Q, never> | ServerDuplexStream<Q, never>,
): AsyncIterable<Q> => call.iterator({ destroyOnReturn: false });

export const clientStreaming =
  <Q, A>(
    answer: (requests: AsyncIterable<Q>, metadata: Metadata) => Promise<A>,
  ): handleClientStreamingCall<Q, A> =>
  (call, callback) => {
    answer(messagesOf(call), call.metadata).then(
      (message) => {
        callback(null, message);
      },
      (error: unknown) => {
        if (call.cancelled) return;
        callback(statusOf(error));
      },
    );
  };

export const serverStreaming =
  <Q, A>(
    answer: (request: Q, metadata: Metadata, outgoing: Outgoing<A>) => Promise<void>,
  ): handleServerStreamingCall<Q, A> =>
  (call) => {
    const outgoing = new Outgoing<A>(call);
    answer(call.request, call.metadata, outgoing).then(
      () => {
        outgoing.end();
      },
      (error: unknown) => {
        outgoing.fail(error);
      },
    );
  };

/** Thrown when something is written to a call that is over. */
export class CallIsOver extends Error {}

/** Messages to a client, with back-pressure. */
export class Outgoing<A> {
  readonly #call: ServerWritableStream<unknown, A> | ServerDuplexStream<unknown, A>;
  readonly #over = new AbortController();
  #isOver = false;
  /** The writers that wait for the client to read. */
  readonly #waiting: { readonly resolve: () => void; readonly reject: (reason: Error) => void }[] = [];

  constructor(call: ServerWritableStream<unknown, A> | ServerDuplexStream<unknown, A>) {
    this.#call = call;
    call.on('drain', () => {
      for (const { resolve } of this.#waiting.splice(0)) resolve();
    });
    for (const event of ['cancelled', 'close', 'finish']) {
      call.on(event, () => {
        this.#finish();
      });
    }
  }

  /** The signal that is aborted when the call is over, whichever side ended it. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Writes a message; resolves when the next one may be written. */
  write(message: A): Promise<void> {
    if (this.#isOver) return Promise.reject(new CallIsOver());
    if (this.#call.write(message)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  end(): void {
    if (this.#isOver) return;
    this.#call.end();
    this.#finish();
  }

  fail(error: unknown): void {
    if (this.#isOver || error instanceof CallIsOver) return;
    this.#call.emit('error', statusOf(error));
    this.#finish();
  }

  #finish(): void {
    this.#isOver = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new CallIsOver());
    this.#over.abort();
  }
}
