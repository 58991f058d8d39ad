import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { systemClock } from '#event-sourcing/clock';
import { ProblemError } from '#use-cases/problems';
import { API_HEADERS } from '../security-headers.ts';
import { identityOf } from './authentication.ts';
import { HttpProblemError } from './problems.ts';

/** The limit of Node's timers. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** A comment line keeps proxies from closing a silent connection. */
const HEARTBEAT_MS = 15_000;

export interface OpenLimits {
  readonly all: number;
  readonly ofSubject: number;
  /** The end of a sentence that starts with a number: `100 feeds are open`. */
  readonly are: string;
  /** The same for the caller's own responses, and what to do: `10 feeds of yours are open`, `end one of them`. */
  readonly own: readonly [are: string, first: string];
}

/** Limits the open responses of one kind, in total and per subject. */
export class OpenResponses {
  readonly #limits: OpenLimits;
  readonly #open = new Map<ServerResponse, string>();

  constructor(limits: OpenLimits) {
    this.#limits = limits;
  }

  /** Returns the error if a subject may not open another response; null if it may. */
  refusal(subject: string): ProblemError | null {
    const { all, ofSubject, are, own } = this.#limits;
    if ([...this.#open.values()].filter((each) => each === subject).length >= ofSubject) {
      const detail = `${ofSubject} ${own[0]} already; ${own[1]} first`;
      return new HttpProblemError('rate-limited', detail, { 'retry-after': '1' });
    }
    return this.#open.size < all
      ? null
      : new ProblemError('too-busy', `${all} ${are} already. Try again in a few seconds`);
  }

  /** @throws ProblemError if the subject may not open another response. */
  refuseTooMany(subject: string): void {
    const refusal = this.refusal(subject);
    if (refusal !== null) throw refusal;
  }

  /** Counts a response until it or its connection is closed. */
  add(response: ServerResponse, subject: string): void {
    this.#open.set(response, subject);
    response.once('close', () => {
      this.delete(response);
    });
  }

  delete(response: ServerResponse): void {
    this.#open.delete(response);
  }

  /** Ends the responses that have started. */
  end(): void {
    for (const response of this.#open.keys()) if (response.headersSent) response.end();
  }
}

/** Starts server-sent events; afterwards the caller owns the response. */
export function beginEvents(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  reply.raw.writeHead(200, {
    ...API_HEADERS,
    'content-type': 'text/event-stream; charset=utf-8',
    // nginx would keep events back until its buffer is full.
    'x-accel-buffering': 'no',
    'x-correlation-id': request.id,
  });
  reply.raw.flushHeaders();
}

/**
 * Sends heartbeats over server-sent events until the reader's rights expire or the connection is closed.
 * @returns a function that stops them earlier.
 */
export function keepAlive(request: FastifyRequest, { raw: response }: FastifyReply): () => void {
  const heartbeat = systemClock.every(() => {
    // A stalled reader is disconnected elsewhere; do not buffer more for it.
    if (response.headersSent && !response.writableNeedDrain) response.write(': \n\n');
  }, HEARTBEAT_MS);
  const left = Math.max(identityOf(request).expiresAt - request.server.clock.now(), 0);
  const expiry = systemClock.after(
    () => {
      if (response.headersSent) response.end();
    },
    Math.min(left, TIMER_MS_MAX),
  );
  const stop = (): void => {
    heartbeat.close();
    expiry.close();
  };
  response.once('close', stop);
  return stop;
}
