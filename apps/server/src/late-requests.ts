import { systemClock } from '#event-sourcing/clock';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** The timeout of a whole request, counted from its headers. */
const REQUEST_MS_MAX = 30_000;
/** The minimum rate of a slow request: half a megabit per second. */
const BYTES_A_SECOND_MIN = 64 * 1024;

/**
 * Returns the timeout of a request of this size: {@link REQUEST_MS_MAX} more than it takes at the minimum rate. Node
 * has one timeout for all requests of a server.
 */
export const longestMs = (bytes: number): number => REQUEST_MS_MAX + (bytes / BYTES_A_SECOND_MIN) * 1_000;

const unhurried = new WeakSet<IncomingMessage>();

/** Exempts a request from the timeout while it keeps the minimum rate. Only for authenticated callers. */
export const allowSlowUpload = (request: IncomingMessage): void => {
  unhurried.add(request);
};

/** When a request began, and how many bytes its connection had read by then. */
interface Begun {
  readonly at: number;
  readonly bytesRead: number;
}

/** Ends requests that do not arrive in time, so that slow senders cannot exhaust connections. */
export class LateRequests {
  readonly #arriving = new Map<IncomingMessage, Begun>();
  readonly #onLate: (socket: Socket) => void;

  constructor(server: Server, onLate: (socket: Socket) => void) {
    this.#onLate = onLate;
    server.on('request', (request: IncomingMessage) => {
      if (request.complete) return;
      this.#arriving.set(request, { at: systemClock.elapsed(), bytesRead: request.socket.bytesRead });
      request.once('close', () => this.#arriving.delete(request));
    });
  }

  /** Ends requests that are late at `now`, which is a time of `Clock.elapsed`. */
  look(now: number): void {
    for (const [request, startedAt] of this.#arriving) {
      if (request.complete || !isLate(request, startedAt, now)) continue;
      this.#arriving.delete(request);
      this.#onLate(request.socket);
    }
  }
}

function isLate(request: IncomingMessage, { at, bytesRead }: Begun, now: number): boolean {
  const over = now - at - REQUEST_MS_MAX;
  if (over <= 0) return false;
  const bytes = request.socket.bytesRead - bytesRead;
  return !unhurried.has(request) || bytes < (over / 1_000) * BYTES_A_SECOND_MIN;
}
