import type { Socket } from 'node:net';
import type { Connections } from './connections.ts';

/**
 * The timeout for a client that reads nothing of its response.
 * Node sees no progress while the system's buffer (some MB) drains: minutes at 5 KB/s.
 */
const STALLED_MS_MAX = 300_000;

/** Called with the correlation id of a response that was cut, if its headers have one. */
type OnCut = (correlationId: string | null) => void;

/** The progress of a connection's responses, and since when there has been none. */
interface Progress {
  readonly mark: string;
  readonly since: number;
}

/**
 * Closes connections whose client reads nothing, which frees the buffered response and its source.
 * Node's own timeout also counts received bytes, so a client that keeps sending would never be cut.
 */
export class StalledResponses {
  readonly #connections: Connections;
  readonly #progress = new WeakMap<Socket, Progress>();
  readonly #onCut: OnCut;

  constructor(connections: Connections, onCut: OnCut) {
    this.#connections = connections;
    this.#onCut = onCut;
  }

  /** Closes connections without progress for too long at `now`, in milliseconds. */
  look(now: number): void {
    for (const socket of this.#connections.all) {
      const mark = markOf(socket);
      const before = this.#progress.get(socket);
      if (mark === null) this.#progress.delete(socket);
      else if (mark !== before?.mark) this.#progress.set(socket, { mark, since: now });
      else if (now - before.since >= STALLED_MS_MAX) {
        const id = this.#connections.responseOn(socket)?.getHeader('x-correlation-id');
        this.#onCut(typeof id === 'string' ? id : null);
        socket.destroy();
      }
    }
  }
}

/**
 * Node's internal socket handle, with the bytes that the system has not accepted. The public counters change
 * only when a whole chunk is accepted, which would cut slow clients of large responses.
 */
type WritingSocket = Socket & { readonly _handle?: { readonly writeQueueSize?: number } | null };

/** Returns a value that changes with each progress of the client; null if nothing is pending. */
function markOf(socket: WritingSocket): string | null {
  if (socket.writableLength === 0) return null;
  // Whole chunks sent, and the rest of the current one.
  return `${socket.bytesWritten - socket.writableLength} ${socket._handle?.writeQueueSize ?? ''}`;
}
