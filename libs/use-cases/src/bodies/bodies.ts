import { systemClock } from '#event-sourcing/clock';
import type { Random } from '#event-sourcing/random';
import { commandIds } from '#audit/seal';
import type { Actor } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import { retryingConflicts } from '#event-sourcing/retrying-conflicts';
import { commitFor } from '#lifecycle/commit-for';
import { asBodyEvent, BODIES_STREAM, bodyDraft, newsOfBodies } from '#state-machines/body-events';
import type { Body } from '#state-machines/body-events';
import { londonDate } from '#state-machines/london';
import { ProblemError } from '../problems.ts';

/** Every public body that is inspected, several times over, and few enough to be listed on a page. */
export const BODIES_MAX = 2_000;
/** How long what was read is taken for what stands. */
const FRESH_MS = 1_000;

/** Who names bodies, when, and under which request. */
interface NamingCall {
  readonly actor: Actor;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly correlationId: string;
}

/** What bodies are called, as their stream tells. */
export class Bodies {
  readonly #store: EventStore;
  readonly #random: Random;
  readonly #known = new Map<string, Body>();
  #version = 0;
  /** The last reading on: those who ask meanwhile wait for it, since two at once would fold an event twice. */
  #reading: Promise<void> = Promise.resolve();
  #readAt = -Infinity;

  constructor(store: EventStore, random: Random) {
    this.#store = store;
    this.#random = random;
  }

  /** All that have a name, by their slugs, as they stand now. */
  async all(): Promise<ReadonlyMap<string, Body>> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#readOn());
    await this.#reading;
    return this.#known;
  }

  /** The same as it stood a second ago at the most; null where that has to be read. */
  remembered(): ReadonlyMap<string, Body> | null {
    return systemClock.elapsed() - this.#readAt < FRESH_MS ? this.#known : null;
  }

  /**
   * Names bodies: all of them or none. Who is known under that name already is not named again.
   * @returns those that were news.
   * @throws ProblemError `invalid-payload` where there would be too many.
   */
  async name(given: readonly Body[], call: NamingCall): Promise<readonly Body[]> {
    return retryingConflicts(async () => {
      const news = newsOfBodies(await this.all(), given);
      if (news.length === 0) return news;
      refuseTooMany(new Set([...this.#known.keys(), ...news.map(({ slug }) => slug)]).size);
      const day = londonDate(call.now);
      const append = {
        streamId: BODIES_STREAM,
        expectedVersion: this.#version,
        events: news.map(({ slug, name, kind }) => bodyDraft('BodyNamed', { slug, name, kind }, day)),
      };
      const { commit } = commitFor({ ...call, ids: commandIds(this.#random.uuid()), name: 'name-bodies' }, [
        append,
      ]);
      await this.#store.append(commit);
      this.#readAt = -Infinity;
      return news;
    });
  }

  async #readOn(): Promise<void> {
    const startedAt = systemClock.elapsed();
    for await (const event of streamEvents(this.#store, BODIES_STREAM, this.#version)) {
      const { data, version } = asBodyEvent(event);
      this.#known.set(data.slug, data);
      this.#version = version;
    }
    this.#readAt = startedAt;
  }
}

function refuseTooMany(count: number): void {
  if (count <= BODIES_MAX) return;
  throw new ProblemError(
    'invalid-payload',
    `There would be ${count} bodies with a name; ${BODIES_MAX} can have one`,
  );
}
