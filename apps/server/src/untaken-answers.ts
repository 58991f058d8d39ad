import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * How long a peer may take nothing of what waits for it, and how often that is looked at. Of a slow peer Node sees nothing for as
 * long as it takes from what the system has in hand (some MB): at 5 KB a second that is minutes.
 */
const UNTAKEN_MS_MAX = 300_000;
const LOOKED_AT_MS = 5_000;

/** Told of an answer that was cut: the correlation id that its headers name, where they name one. */
export type OnCut = (correlationId: string | null) => void;

/** How far a connection's answers had been taken, and since when no further. */
interface Taken {
  readonly mark: string;
  readonly since: number;
}

/**
 * Cuts the connections of peers that take nothing of their answers: each holds what was to be sent, and what that is read
 * from. Node's own time-out counts from the last byte in either direction, so that a peer which goes on sending is never cut.
 */
export class UntakenAnswers {
  readonly #connections = new Map<Socket, Taken | null>();
  readonly #onCut: OnCut;

  constructor(server: Server, onCut: OnCut) {
    this.#onCut = onCut;
    server.on('connection', (socket: Socket) => {
      this.#connections.set(socket, null);
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  /** Looks at all connections now and then, until it is stopped. */
  start(): () => void {
    const looking = setInterval(() => {
      this.look(performance.now());
    }, LOOKED_AT_MS).unref();
    return () => {
      clearInterval(looking);
    };
  }

  /** Cuts those that have taken nothing for too long at an instant, in milliseconds since any. */
  look(now: number): void {
    for (const [socket, before] of this.#connections) {
      const mark = markOf(socket);
      if (mark === null) {
        if (before !== null) this.#connections.set(socket, null);
      } else if (mark !== before?.mark) this.#connections.set(socket, { mark, since: now });
      else if (now - before.since >= UNTAKEN_MS_MAX) {
        this.#onCut(correlationIdOf(socket));
        socket.destroy();
      }
    }
  }
}

/** What Node keeps at a socket: what the system has not taken yet, and the answer that is being sent. */
type AnsweringSocket = Socket & {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
  readonly _httpMessage?: ServerResponse | null;
};

/** Changes whenever the peer takes something; null where nothing waits for it. */
function markOf(socket: AnsweringSocket): string | null {
  if (socket.writableLength === 0) return null;
  // Pieces that went as a whole, and of the one that is on its way, how much is left.
  return `${socket.bytesWritten - socket.writableLength} ${socket._handle?.writeQueueSize ?? ''}`;
}

function correlationIdOf({ _httpMessage: answer }: AnsweringSocket): string | null {
  const id = answer?.getHeader('x-correlation-id');
  return typeof id === 'string' ? id : null;
}
