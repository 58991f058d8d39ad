import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { systemClock } from '#event-sourcing/clock';
import { identityOf } from './authentication.ts';
import { OpenResponses } from './open-responses.ts';
import { HttpProblemError } from './problems.ts';

/**
 * How many may be sent at once, in all and to one subject: each holds a record's events for as long as its reader takes, and two or
 * three who take their time shall not keep all others waiting.
 */
const ANSWERS: AnswerLimits = { all: 20, ofSubject: 4, what: 'exports, lists and timelines' };
/** A pack is held as a whole, and takes long to make; each puts two events on record, that it is made and what is signed then. */
const PACKS: AnswerLimits = { all: 3, ofSubject: 2, what: 'evidence packs', aMinute: 60 };
const MINUTE_MS = 60_000;
/** The whole log may be read for one. */
const LOOK_UPS: AnswerLimits = { all: 2, ofSubject: 1, what: 'proofs of events by their ids' };
/** How long one more waits for another to end. */
const WAIT_MS_MAX = 2_000;
const POLL_MS = 10;

interface AnswerLimits {
  readonly all: number;
  readonly ofSubject: number;
  readonly what: string;
  /** How many one subject may ask for in a minute; without it, as many as can be sent. */
  readonly aMinute?: number;
}

/** Answers that many may not ask for at once. */
class LimitedAnswers {
  readonly #limits: AnswerLimits;
  readonly #open: OpenResponses;
  /** How many each was sent since the minute began. */
  readonly #sent = new Map<string, number>();
  #minute = 0;

  constructor(limits: AnswerLimits) {
    const { what, ...each } = limits;
    this.#limits = limits;
    const own = [`${what} are being sent to you`, 'read them'] as const;
    this.#open = new OpenResponses({ ...each, are: `${what} are being sent`, own });
  }

  /**
   * Waits until one more answer may be sent, and counts it until it has gone, or its reader.
   * @throws ProblemError when too many are being sent all the time.
   */
  async admit(request: FastifyRequest, { raw: answer }: FastifyReply): Promise<void> {
    const { subject } = identityOf(request);
    this.#refuseBeyond(subject);
    const until = systemClock.elapsed() + WAIT_MS_MAX;
    for (;;) {
      // Who has gone already never goes again.
      if (answer.destroyed) return;
      const refusal = this.#open.refusal(subject);
      if (refusal === null) break;
      if (systemClock.elapsed() >= until) throw refusal;
      await systemClock.sleep(POLL_MS);
    }
    this.#sent.set(subject, (this.#sent.get(subject) ?? 0) + 1);
    this.#open.add(answer, subject);
  }

  /** @throws HttpProblemError where there were as many in this minute as may be. */
  #refuseBeyond(subject: string): void {
    const { aMinute = Infinity, what } = this.#limits;
    const now = systemClock.elapsed();
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) this.#sent.clear();
    this.#minute = minute;
    if ((this.#sent.get(subject) ?? 0) < aMinute) return;
    const seconds = Math.ceil(((minute + 1) * MINUTE_MS - now) / 1_000);
    const detail = `You asked for ${aMinute} ${what} in this minute already; go on in the next`;
    throw new HttpProblemError('rate-limited', detail, { 'retry-after': String(seconds) });
  }
}

/** The answers that are sent piece by piece: exports, whole lists and timelines. */
@Injectable()
export class OpenAnswers extends LimitedAnswers {
  constructor() {
    super(ANSWERS);
  }
}

/** The packs that are being made, or sent. */
@Injectable()
export class OpenPacks extends LimitedAnswers {
  constructor() {
    super(PACKS);
  }
}

/** The events that are being looked for by their ids. */
@Injectable()
export class OpenLookUps extends LimitedAnswers {
  constructor() {
    super(LOOK_UPS);
  }
}
