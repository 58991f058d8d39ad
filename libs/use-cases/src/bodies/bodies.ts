import { systemClock } from '#event-sourcing/clock';
import type { Random } from '#event-sourcing/random';
import { commandIds } from '#audit/seal';
import type { Actor } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import { commitFor } from '#lifecycle/commit-for';
import { asBodyEvent, BODIES_STREAM, bodyDraft, newsOfBodies } from '#state-machines/body-events';
import type { Body } from '#state-machines/body-events';
import { londonDate } from '#state-machines/london';
import { ProblemError } from '../problems.ts';

/** Several times the number of inspected public bodies, and few enough for one page. */
export const BODIES_MAX = 2_000;
/** How long cached names are valid. */
const FRESH_MS = 1_000;

interface NamingCall {
  readonly actor: Actor;
  readonly now: number;
  readonly correlationId: string;
}

/** The names of bodies, from their stream. */
export class Bodies {
  readonly #store: EventStore;
  readonly #random: Random;
  readonly #known = new Map<string, Body>();
  #version = 0;
  /** The last read in progress. Concurrent callers wait for it: two parallel reads would fold events twice. */
  #reading: Promise<void> = Promise.resolve();
  #readAt = -Infinity;

  constructor(store: EventStore, random: Random) {
    this.#store = store;
    this.#random = random;
  }

  /** Returns all named bodies by slug, up to date. */
  async all(): Promise<ReadonlyMap<string, Body>> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#readOn());
    await this.#reading;
    return this.#known;
  }

  /** Returns the names if they were read within the last second; otherwise null. */
  cached(): ReadonlyMap<string, Body> | null {
    return systemClock.elapsed() - this.#readAt < FRESH_MS ? this.#known : null;
  }

  /**
   * Names bodies, all or none. Skips bodies that already have the name.
   * @returns the bodies whose names changed.
   * @throws ProblemError `invalid-payload` if there would be too many.
   */
  async name(bodies: readonly Body[], call: NamingCall): Promise<readonly Body[]> {
    return retryConflicts(async () => {
      const news = newsOfBodies(await this.all(), bodies);
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
    `This import would bring the number of named bodies to ${count}; the limit is ${BODIES_MAX}`,
  );
}
