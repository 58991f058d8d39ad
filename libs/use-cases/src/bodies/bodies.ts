import { systemClock } from '#event-sourcing/clock';
import type { Random } from '#event-sourcing/random';
import type { EventStore } from '#event-sourcing/event-store';
import { asBodyEvent, BODIES_STREAM, bodyDraft, newsOfBodies } from '#state-machines/body-events';
import type { Body } from '#state-machines/body-events';
import { KeptStream } from '../log/kept-stream.ts';
import type { EventCall } from '../log/kept-stream.ts';
import { ProblemError } from '../problems.ts';

/** Several times the number of inspected public bodies, and few enough for one page. */
export const BODIES_MAX = 2_000;
/** How long cached names are valid. */
const FRESH_MS = 1_000;

/** The names of bodies, from their stream. */
export class Bodies {
  readonly #stream: KeptStream<Map<string, Body>>;
  #readAt = -Infinity;

  constructor(store: EventStore, random: Random) {
    this.#stream = new KeptStream(
      { store, random },
      BODIES_STREAM,
      new Map<string, Body>(),
      (known, event) => {
        const { data } = asBodyEvent(event);
        return known.set(data.slug, data);
      },
    );
  }

  /** Returns all named bodies by slug, up to date. */
  async all(): Promise<ReadonlyMap<string, Body>> {
    const startedAt = systemClock.elapsed();
    const known = await this.#stream.read();
    this.#readAt = startedAt;
    return known;
  }

  /** Returns the names if they were read within the last second; otherwise null. */
  cached(): ReadonlyMap<string, Body> | null {
    return systemClock.elapsed() - this.#readAt < FRESH_MS ? this.#stream.state : null;
  }

  /**
   * Names bodies, all or none. Skips bodies that already have the name.
   * @returns the bodies whose names changed.
   * @throws ProblemError `invalid-payload` if there would be too many.
   */
  async name(bodies: readonly Body[], call: EventCall): Promise<readonly Body[]> {
    let news: readonly Body[] = [];
    await this.#stream.change('name-bodies', call, (known, day) => {
      news = newsOfBodies(known, bodies);
      if (news.length > 0) refuseTooMany(new Set([...known.keys(), ...news.map(({ slug }) => slug)]).size);
      return news.map(({ slug, name, kind }) => bodyDraft('BodyNamed', { slug, name, kind }, day));
    });
    this.#readAt = -Infinity;
    return news;
  }
}

function refuseTooMany(count: number): void {
  if (count <= BODIES_MAX) return;
  throw new ProblemError(
    'invalid-payload',
    `This import would bring the number of named bodies to ${count}; the limit is ${BODIES_MAX}`,
  );
}
