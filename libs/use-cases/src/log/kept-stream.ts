import { commandIds } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import type { AppendResult, EventDraft, EventStore, StreamAppend } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import type { Random } from '#event-sourcing/random';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import { commitFor } from '#lifecycle/commit-for';
import type { CommitHeader } from '#lifecycle/commit-for';
import { londonDate } from '#state-machines/london';

/** Who changes a stream without a lifecycle, when, and in which request. */
export type EventCall = Pick<CommitHeader, 'actor' | 'now' | 'correlationId'>;

interface Log {
  readonly store: Pick<EventStore, 'append' | 'readStream'>;
  readonly random: Random;
}

/** Appends to a stream without a lifecycle, as a command of its own. @throws VersionConflictError */
export const appendAs = (
  name: string,
  { store, random }: Pick<Log, 'random'> & { readonly store: Pick<EventStore, 'append'> },
  call: EventCall,
  append: StreamAppend,
): Promise<AppendResult> =>
  store.append(commitFor({ ...call, ids: commandIds(random.uuid()), name }, [append]).commit);

/** A stream without a lifecycle, whose state is kept: each read folds only the events since the last one. */
export class KeptStream<State> {
  readonly #log: Log;
  readonly #streamId: string;
  readonly #after: (state: State, event: Envelope) => State;
  #state: State;
  #version = 0;
  /** The last read in progress. Concurrent callers wait for it: two parallel reads would fold events twice. */
  #reading: Promise<void> = Promise.resolve();

  /** @param after returns the state after an event */
  constructor(log: Log, streamId: string, initial: State, after: (state: State, event: Envelope) => State) {
    this.#log = log;
    this.#streamId = streamId;
    this.#state = initial;
    this.#after = after;
  }

  /** The state as last read. */
  get state(): State {
    return this.#state;
  }

  /** Returns the current state. */
  async read(): Promise<State> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#readOn());
    await this.#reading;
    return this.#state;
  }

  /** Appends the events that `decide` returns for the current state, if any; decides again after a conflict. */
  async change(
    name: string,
    call: EventCall,
    decide: (state: State, day: string) => readonly EventDraft[],
  ): Promise<void> {
    await retryConflicts(async () => {
      const events = decide(await this.read(), londonDate(call.now));
      const append = { streamId: this.#streamId, expectedVersion: this.#version, events };
      if (events.length > 0) await appendAs(name, this.#log, call, append);
    });
  }

  async #readOn(): Promise<void> {
    for await (const event of streamEvents(this.#log.store, this.#streamId, this.#version)) {
      this.#state = this.#after(this.#state, event);
      this.#version = event.version;
    }
  }
}
