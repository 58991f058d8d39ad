import type { FastifyRequest } from 'fastify';
import { systemClock } from '#event-sourcing/clock';
import type { Identity } from '#identity/identity';
import { messageOf } from '#event-sourcing/errors';
import { inTime } from '#use-cases/in-time';
import type { People } from '#use-cases/people/people';
import { callOf } from '#use-cases/asked';
import { askedNow } from './api/asked.ts';

/** How long a request waits for its person to be on record; where that takes longer, it goes on. */
const NOTED_MS_MAX = 1_000;
/** How long after a failure the same token is noted again. */
const AGAIN_MS = 60_000;

/** Puts on record whom this process sees, once for each token: their names are kept nowhere else. */
export class Sightings {
  readonly #people: People;
  /** From when on a token is noted again; verified tokens are one object each for as long as they are remembered. */
  readonly #noted = new WeakMap<Identity, number>();

  constructor(people: People) {
    this.#people = people;
  }

  /** Never rejects: a name that cannot be recorded keeps nobody from their work. */
  async note(request: FastifyRequest): Promise<void> {
    // The verified token's own object: a copy of it would be noted at each request.
    const { identity } = request;
    if (identity === null) return;
    const now = systemClock.elapsed();
    if (now < (this.#noted.get(identity) ?? 0)) return;
    this.#noted.set(identity, Infinity);
    try {
      await inTime(this.#people.see(identity, callOf(askedNow(request))), NOTED_MS_MAX);
    } catch (error) {
      this.#noted.set(identity, now + AGAIN_MS);
      request.log.warn(`It could not be recorded whom a token names: ${messageOf(error)}`);
    }
  }
}
