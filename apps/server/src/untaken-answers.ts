import type { Socket } from 'node:net';
import { systemClock } from '#event-sourcing/clock';
import type { Connections } from './connections.ts';

/**
 * How long a peer may take nothing of what waits for it, and how often that is looked at. Of a slow peer Node sees nothing for as
 * long as it takes from what the system has in hand (some MB): at 5 KB a second that is minutes.
 */
const UNTAKEN_MS_MAX = 300_000;
const LOOKED_AT_MS = 5_000;

/** Told of an answer that was cut: the correlation id that its headers name, where they name one. */
type OnCut = (correlationId: string | null) => void;

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
  readonly #connections: Connections;
  readonly #taken = new WeakMap<Socket, Taken>();
  readonly #onCut: OnCut;

  constructor(connections: Connections, onCut: OnCut) {
    this.#connections = connections;
    this.#onCut = onCut;
  }

  /** Looks at all connections now and then, until it is stopped. */
  start(): () => void {
    const looking = systemClock
      .every(() => {
        this.look(systemClock.elapsed());
      }, LOOKED_AT_MS)
      .unref();
    return () => {
      looking.close();
    };
  }

  /** Cuts those that have taken nothing for too long at an instant, in milliseconds since any. */
  look(now: number): void {
    for (const socket of this.#connections.all) {
      const mark = markOf(socket);
      const before = this.#taken.get(socket);
      if (mark === null) this.#taken.delete(socket);
      else if (mark !== before?.mark) this.#taken.set(socket, { mark, since: now });
      else if (now - before.since >= UNTAKEN_MS_MAX) {
        const id = this.#connections.answerOf(socket)?.getHeader('x-correlation-id');
        this.#onCut(typeof id === 'string' ? id : null);
        socket.destroy();
      }
    }
  }
}

/**
 * What Node keeps at a socket: how much the system has not taken yet. Public members count a piece only when the system has taken
 * the whole of it, so that a slow peer of a large answer would be cut.
 */
type WritingSocket = Socket & { readonly _handle?: { readonly writeQueueSize?: number } | null };

/** Changes whenever the peer takes something; null where nothing waits for it. */
function markOf(socket: WritingSocket): string | null {
  if (socket.writableLength === 0) return null;
  // Pieces that went as a whole, and of the one that is on its way, how much is left.
  return `${socket.bytesWritten - socket.writableLength} ${socket._handle?.writeQueueSize ?? ''}`;
}
