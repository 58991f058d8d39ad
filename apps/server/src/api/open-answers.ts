import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { systemClock } from '#event-sourcing/clock';
import { identityOf } from './authentication.ts';
import { OpenResponses } from './open-responses.ts';
import { HttpProblemError } from './problems.ts';

/**
 * The number of responses sent concurrently, in total and per subject. Each keeps a record's events in memory until its reader is done, so
 * a few slow readers must not block everyone else.
 */
const STREAMS: ResponseLimits = { all: 20, ofSubject: 4, what: 'exports, lists and timelines' };
/** A pack is in memory as a whole and slow to make. Each appends two events: the making and the checkpoint. */
const PACKS: ResponseLimits = { all: 3, ofSubject: 2, what: 'evidence packs', aMinute: 60 };
const MINUTE_MS = 60_000;
/** How long a request waits for a place. */
const WAIT_MS_MAX = 2_000;
const POLL_MS = 10;

interface ResponseLimits {
  readonly all: number;
  readonly ofSubject: number;
  readonly what: string;
  /** The number of requests per subject per minute; unlimited if absent. */
  readonly aMinute?: number;
}

/** Limits the number of concurrent responses. */
class LimitedResponses {
  readonly #limits: ResponseLimits;
  readonly #open: OpenResponses;
  /** The number sent to each subject in the current minute. */
  readonly #sent = new Map<string, number>();
  #minute = 0;

  constructor(limits: ResponseLimits) {
    const { what, ...each } = limits;
    this.#limits = limits;
    const own = [`${what} are being sent to you`, 'read one of them completely or close it'] as const;
    this.#open = new OpenResponses({ ...each, are: `${what} are being sent`, own });
  }

  /**
   * Waits for a place, and occupies it until the response or its connection is closed.
   * @throws ProblemError if no place becomes free in time.
   */
  async admit(request: FastifyRequest, { raw: response }: FastifyReply): Promise<void> {
    const { subject } = identityOf(request);
    this.#refuseBeyond(subject);
    const until = systemClock.elapsed() + WAIT_MS_MAX;
    for (;;) {
      // A closed connection emits no further event.
      if (response.destroyed) return;
      const refusal = this.#open.refusal(subject);
      if (refusal === null) break;
      if (systemClock.elapsed() >= until) throw refusal;
      await systemClock.sleep(POLL_MS);
    }
    this.#sent.set(subject, (this.#sent.get(subject) ?? 0) + 1);
    this.#open.add(response, subject);
  }

  /** @throws HttpProblemError above the limit per minute. */
  #refuseBeyond(subject: string): void {
    const { aMinute = Infinity, what } = this.#limits;
    const now = systemClock.elapsed();
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) this.#sent.clear();
    this.#minute = minute;
    if ((this.#sent.get(subject) ?? 0) < aMinute) return;
    const seconds = Math.ceil(((minute + 1) * MINUTE_MS - now) / 1_000);
    const detail = `You have requested ${aMinute} ${what} in this minute, the limit. Try again in the next minute`;
    throw new HttpProblemError('rate-limited', detail, { 'retry-after': String(seconds) });
  }
}

/** Limits streamed responses: exports, whole lists and timelines. */
@Injectable()
export class OpenAnswers extends LimitedResponses {
  constructor() {
    super(STREAMS);
  }
}

/** Limits packs that are being made or sent. */
@Injectable()
export class OpenPacks extends LimitedResponses {
  constructor() {
    super(PACKS);
  }
}
