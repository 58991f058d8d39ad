import type { FastifyRequest } from 'fastify';
import { systemClock } from '#event-sourcing/clock';
import type { Identity } from '#identity/identity';
import { messageOf } from '#event-sourcing/errors';
import { inTime } from '#use-cases/in-time';
import type { People } from '#use-cases/people/people';
import { callOf } from '#use-cases/call-context';
import { callContext } from './api/call-context.ts';

/** How long a request waits until its person is recorded; it continues after that. */
const NOTED_MS_MAX = 1_000;
/** How long after a failure the same token is recorded again. */
const AGAIN_MS = 60_000;

/** Records each person once per token. Their names are stored nowhere else. */
export class Sightings {
  readonly #people: People;
  /** When a token is next recorded. Verified tokens are cached, one object each. */
  readonly #noted = new WeakMap<Identity, number>();

  constructor(people: People) {
    this.#people = people;
  }

  /** Never rejects: a failure to record a name must not fail the request. */
  async note(request: FastifyRequest): Promise<void> {
    // Must be the cached token object: a copy would be recorded at each request.
    const { identity } = request;
    if (identity === null) return;
    const now = systemClock.elapsed();
    if (now < (this.#noted.get(identity) ?? 0)) return;
    this.#noted.set(identity, Infinity);
    try {
      await inTime(this.#people.see(identity, callOf(callContext(request))), NOTED_MS_MAX);
    } catch (error) {
      this.#noted.set(identity, now + AGAIN_MS);
      request.log.warn(`The person of a token could not be recorded: ${messageOf(error)}`);
    }
  }
}
