import { systemClock } from '#event-sourcing/clock';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long the whole of a request may take to arrive, from its headers on; and how often that is looked at. */
const REQUEST_MS_MAX = 30_000;
const LOOKED_AT_MS = 2_000;
/** What one that may take longer has to bring in each second after that: half a megabit. */
const BYTES_A_SECOND_MIN = 64 * 1024;

/** How long a request that brings so many bytes at that rate takes: Node's own limit, which is one for all requests of a server. */
export const longestMs = (bytes: number): number => REQUEST_MS_MAX + (bytes / BYTES_A_SECOND_MIN) * 1_000;

const unhurried = new WeakSet<IncomingMessage>();

/** Lets a request take longer than others, for as long as it goes on coming. Only who is known may have that. */
export const mayTakeLonger = (request: IncomingMessage): void => {
  unhurried.add(request);
};

/** When a request began, and what its connection had read by then. */
interface Begun {
  readonly at: number;
  readonly bytesRead: number;
}

/** Ends requests that do not arrive in time: a connection is not held by who sends a byte now and then. */
export class LateRequests {
  readonly #arriving = new Map<IncomingMessage, Begun>();
  readonly #onLate: (socket: Socket) => void;

  constructor(server: Server, onLate: (socket: Socket) => void) {
    this.#onLate = onLate;
    server.on('request', (request: IncomingMessage) => {
      if (request.complete) return;
      this.#arriving.set(request, { at: systemClock.elapsed(), bytesRead: request.socket.bytesRead });
      const forget = () => this.#arriving.delete(request);
      request.once('end', forget).once('close', forget);
    });
  }

  /** Looks at all requests now and then, until it is stopped. */
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

  /** Ends those that are late at an instant, as `Clock.elapsed` tells it. */
  look(now: number): void {
    for (const [request, begun] of this.#arriving) {
      if (request.complete || !isLate(request, begun, now)) continue;
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
