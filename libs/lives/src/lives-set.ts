import { withoutTexts } from '#event-sourcing/erasure';
import type { Envelope } from '#event-sourcing/envelope';
import { nextTurn, streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { withKnownShape } from '#event-sourcing/known-shape';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { lifeOf } from './life.ts';
import type { LifeEvent } from './steps.ts';
import { Lives } from './lives.ts';

export type Log = Pick<EventStore, 'readAll' | 'readStream' | 'lastPosition'>;

/** The number of events in a page of the log. Between pages other work gets a turn, and no read transaction is open. */
const PAGE_EVENTS = 500;
/** The number of records that are folded in one turn. */
const RECORDS_OF_TURN = 50;

/** Yields the log after a position in short pages, up to its end. */
export async function* shortPages(log: Log, after: string): AsyncGenerator<readonly Envelope[]> {
  for (let position = after; ;) {
    const page = await log.readAll({ after: position, limit: PAGE_EVENTS });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    position = last.position;
    await nextTurn();
  }
}

/** The lives of all records, from the events that were recorded up to a moment. */
export class LivesSet {
  readonly lives = new Lives();
  /** The moment, ISO 8601 in UTC; null for all events. */
  readonly knownAt: string | null;
  readonly #log: Log;
  readonly #onFolded: (stream: string) => void;
  readonly #changed = new Set<string>();

  /** @param onFolded is called with each record whose life was folded again. */
  constructor(log: Log, knownAt: string | null, onFolded: (stream: string) => void) {
    this.#log = log;
    this.#onFolded = onFolded;
    this.knownAt = knownAt;
  }

  isKnown({ recordedAt }: Pick<Envelope, 'recordedAt'>): boolean {
    return this.knownAt === null || recordedAt <= this.knownAt;
  }

  /** Marks a record whose life must be folded again. */
  mark(stream: string): void {
    this.#changed.add(stream);
  }

  /**
   * Folds all records from the log, and returns the position up to which it was read.
   * @param onPage is called with each page.
   */
  async build(onPage: (page: readonly Envelope[]) => void): Promise<string> {
    const gathered = new Map<string, LifeEvent[]>();
    let position = '0';
    for await (const page of shortPages(this.#log, '0')) {
      onPage(page);
      position = page.at(-1)?.position ?? position;
      for (const event of page) {
        if (kinds.ofStream(event.streamId) === null || !this.isKnown(event)) continue;
        const own = gathered.get(event.streamId);
        if (own === undefined) gathered.set(event.streamId, [lightened(event)]);
        else own.push(lightened(event));
      }
    }
    let folded = 0;
    for (const [stream, events] of gathered) {
      this.#fold(stream, events);
      gathered.delete(stream);
      if ((folded += 1) % RECORDS_OF_TURN === 0) await nextTurn();
    }
    return position;
  }

  /** Folds the marked records again. */
  async refresh(): Promise<void> {
    for (const stream of this.#changed) {
      const events: LifeEvent[] = [];
      for await (const event of streamEvents(this.#log, stream))
        if (this.isKnown(event)) events.push(lightened(event));
      this.#fold(stream, events);
      this.#changed.delete(stream);
      this.#onFolded(stream);
    }
  }

  #fold(stream: string, events: readonly LifeEvent[]): void {
    const life = lifeOf(events);
    if (life === null) this.lives.delete(stream);
    else this.lives.set(stream, life);
  }
}

/**
 * Returns the part of an event from which lives are folded, without texts.
 * @throws UnknownLifecycleError, UnknownShapeError, UnknownFormError
 */
function lightened(event: Envelope): LifeEvent {
  withKnownShape(lifecycles.of(event).code.shapes, event);
  const { streamId, version, eventId, type, effectiveOn, recordedAt, origin, actor, lifecycle, state } =
    event;
  const { commitments } = event;
  return {
    ...{ streamId, version, eventId, type, effectiveOn, recordedAt, origin, actor, lifecycle, state },
    ...{ commitments, data: withoutTexts(event).data },
  };
}
