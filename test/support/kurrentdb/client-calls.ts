import { jsonEvent } from '@kurrent/kurrentdb-client';
import type {
  AllStreamSubscription,
  JSONEventData,
  JSONEventType,
  Position,
  RecordedEvent,
  ResolvedEvent,
} from '@kurrent/kurrentdb-client';

/** An event with a number, for calls of the official client. */

type Counted = JSONEventType<'Counted', { n: number }>;

export const countedEvent = (n: number): JSONEventData<Counted> =>
  jsonEvent<Counted>({ type: 'Counted', data: { n } });

export const countedUpTo = (count: number): JSONEventData<Counted>[] =>
  Array.from({ length: count }, (_, index) => countedEvent(index + 1));

export async function eventsOf(reading: AsyncIterable<ResolvedEvent>): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const { event } of reading) if (event !== undefined) events.push(event);
  return events;
}

/** Returns the numbers of events that `countedEvent` created. */
export const numbersOf = (events: readonly RecordedEvent[]): number[] =>
  events.map(({ data }) => (data as Counted['data']).n);

export const positionOf = ({ position }: { readonly position?: Position | undefined }): Position => {
  if (position === undefined) throw new Error('there is no position');
  return position;
};

/** The events of a subscription, from its first on. */
export class Followed {
  readonly events: RecordedEvent[] = [];
  readonly checkpoints: Position[] = [];
  timesCaughtUp = 0;
  #onChange: () => void = () => undefined;

  readonly #subscription: AllStreamSubscription;

  /** @param subscribe receives the filter's `checkpointReached`. */
  constructor(
    subscribe: (
      checkpointReached: (subscription: AllStreamSubscription, position: Position) => void,
    ) => AllStreamSubscription,
  ) {
    const subscription = subscribe((_, position) => {
      this.checkpoints.push(position);
      this.#onChange();
    });
    this.#subscription = subscription;
    subscription.on('data', ({ event }: ResolvedEvent) => {
      if (event !== undefined) this.events.push(event);
      this.#onChange();
    });
    subscription.on('caughtUp', () => {
      this.timesCaughtUp += 1;
      this.#onChange();
    });
  }

  /** Resolves when the condition is true. */
  async until(isSo: (followed: this) => boolean): Promise<void> {
    while (!isSo(this)) await new Promise<void>((resolve) => (this.#onChange = resolve));
  }

  async stop(): Promise<void> {
    await this.#subscription.unsubscribe();
  }
}
