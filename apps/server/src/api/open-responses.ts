import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { systemClock } from '#event-sourcing/clock';
import { ProblemError } from '#use-cases/problems';
import { ANSWER_HEADERS } from '../security-headers.ts';
import { identityOf } from './authentication.ts';
import { HttpProblemError } from './problems.ts';

/** Node's timers count no further. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** A comment keeps a silent connection from being taken for a dead one. */
const HEARTBEAT_MS = 15_000;

export interface OpenLimits {
  readonly all: number;
  readonly ofSubject: number;
  /** What is refused, as it goes on after a number: `100 feeds are open`. */
  readonly are: string;
  /** The same of one's own, and what to do: `10 feeds of yours are open`, `end one of them`. */
  readonly own: readonly [are: string, first: string];
}

/** The responses of a sort that are open, each with the subject whom it is for: so many at once, in all and for one. */
export class OpenResponses {
  readonly #limits: OpenLimits;
  readonly #open = new Map<ServerResponse, string>();

  constructor(limits: OpenLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Why no more may be opened for a subject; null where one may. */
  refusal(subject: string): ProblemError | null {
    const { all, ofSubject, are, own } = this.#limits;
    if ([...this.#open.values()].filter((each) => each === subject).length >= ofSubject) {
      const detail = `${ofSubject} ${own[0]} already; ${own[1]} first`;
      return new HttpProblemError('rate-limited', detail, { 'retry-after': '1' });
    }
    return this.#open.size < all ? null : new ProblemError('too-busy', `${all} ${are} already`);
  }

  /** @throws ProblemError when no more may be opened. */
  refuseTooMany(subject: string): void {
    const refusal = this.refusal(subject);
    if (refusal !== null) throw refusal;
  }

  /** Counts one until it has gone, or its reader. */
  add(response: ServerResponse, subject: string): void {
    this.#open.set(response, subject);
    response.once('close', () => {
      this.delete(response);
    });
  }

  delete(response: ServerResponse): void {
    this.#open.delete(response);
  }

  /** Ends those that have begun. */
  end(): void {
    for (const response of this.#open.keys()) if (response.headersSent) response.end();
  }
}

/** Answers with server-sent events: from here on the response is the caller's. */
export function beginEvents(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  reply.raw.writeHead(200, {
    ...ANSWER_HEADERS,
    'content-type': 'text/event-stream; charset=utf-8',
    'x-correlation-id': request.id,
  });
  reply.raw.flushHeaders();
}

/**
 * Keeps server-sent events alive while nothing happens, until the rights of their reader are over, or the reader is gone.
 * @returns what lets go of them before.
 */
export function keepAlive(request: FastifyRequest, { raw: response }: FastifyReply): () => void {
  const heartbeat = systemClock.every(() => {
    // A reader that takes nothing is cut for that, and nothing more is held for it.
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
