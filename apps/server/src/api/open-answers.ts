import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf } from './authentication.ts';
import { ProblemError } from '#use-cases/problems';
import { HttpProblemError } from './problems.ts';

/**
 * How many may be sent at once, in all and to one subject: each holds a record's events for as long as its reader takes, and two or
 * three who take their time shall not keep all others waiting.
 */
const ANSWERS_MAX = 20;
const ANSWERS_OF_SUBJECT_MAX = 4;
/** How long one more waits for another to end. */
const WAIT_MS_MAX = 2_000;
const POLL_MS = 10;

/** The answers that are sent piece by piece: exports, whole lists and timelines. */
@Injectable()
export class OpenAnswers {
  /** Each with the subject whom it is sent to. */
  readonly #open = new Map<ServerResponse, string>();

  /**
   * Waits until one more answer may be sent, and counts it until it has gone, or its reader.
   * @throws ProblemError when too many are being sent all the time.
   */
  async admit(request: FastifyRequest, { raw: answer }: FastifyReply): Promise<void> {
    const { subject } = identityOf(request);
    const until = performance.now() + WAIT_MS_MAX;
    for (;;) {
      // Who has gone already never goes again.
      if (answer.destroyed) return;
      const refusal = this.#refusal(subject);
      if (refusal === null) break;
      if (performance.now() >= until) throw refusal;
      await sleep(POLL_MS);
    }
    this.#open.set(answer, subject);
    answer.once('close', () => this.#open.delete(answer));
  }

  #refusal(subject: string): ProblemError | null {
    const own = [...this.#open.values()].filter((each) => each === subject).length;
    if (own >= ANSWERS_OF_SUBJECT_MAX) {
      const detail = `${ANSWERS_OF_SUBJECT_MAX} exports, lists and timelines are being sent to you already; read them first`;
      return new HttpProblemError('rate-limited', detail, { 'retry-after': '1' });
    }
    if (this.#open.size < ANSWERS_MAX) return null;
    return new ProblemError('too-busy', `${ANSWERS_MAX} exports, lists and timelines are being sent already`);
  }
}
