import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import type { AppendedEvent, EventStore } from '#event-sourcing/event-store';
import type { CommandCall } from './command-call.ts';
import { refuseOtherRequest, repeatedEvents } from './idempotency.ts';
import type { MatchesRequest } from './idempotency.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import type { LoadedState, StateLoader } from './state-loader.ts';

/** The result of a command; `repeated` if an earlier call with the same key stored its events. */
export interface CommandOutcome<Facts = unknown> {
  readonly version: number;
  readonly position: string;
  readonly recordedAt: string;
  readonly state: LifecycleState<Facts>;
  /** The status in the lifecycle that the record follows. */
  readonly status: string;
  readonly events: readonly { readonly eventId: string; readonly type: string; readonly version: number }[];
  readonly repeated: boolean;
}

/** Rebuilds the original results of commands whose events are already stored. */
export class RepeatedCommands<Facts = unknown> {
  readonly #store: EventStore;
  readonly #states: StateLoader<Facts>;
  readonly #matchesRequest: MatchesRequest;

  constructor(store: EventStore, states: StateLoader<Facts>, matchesRequest: MatchesRequest) {
    this.#store = store;
    this.#states = states;
    this.#matchesRequest = matchesRequest;
  }

  /** Returns the result of an earlier call under the same Idempotency-Key; null if there was none. */
  async findByKey(call: CommandCall<Facts>): Promise<CommandOutcome<Facts> | null> {
    const events = await repeatedEvents(this.#store, this.#matchesRequest, call);
    return events && this.#storedOutcome(call.streamId, events);
  }

  /** Returns the result of an earlier run of the same call, from the events that it stored. */
  outcomeOfEarlierRun(call: CommandCall<Facts>, events: readonly Envelope[]): Promise<CommandOutcome<Facts>> {
    refuseOtherRequest(this.#matchesRequest, call, events);
    return this.#storedOutcome(call.streamId, events);
  }

  /**
   * Returns the result of this call if its append reported an error although the events were stored.
   * @param after the version on which the call was decided.
   * @throws the append's error if nothing was stored.
   */
  async outcomeDespite(
    error: unknown,
    call: CommandCall<Facts>,
    after: number,
  ): Promise<CommandOutcome<Facts>> {
    if (!hasCode(error, 'version-conflict') && !hasCode(error, 'store-unavailable')) throw error;
    const events = await this.#store.readStream(call.streamId, { after });
    const own = events.filter(({ command }) => command.id === call.commandId);
    if (own.length === 0) throw error;
    return this.outcomeOfEarlierRun(call, own);
  }

  async #storedOutcome(streamId: string, events: readonly Envelope[]): Promise<CommandOutcome<Facts>> {
    const { version } = events.findLast((event) => event.streamId === streamId) as Envelope;
    const loaded = await this.#states.fold(streamId, null, version);
    return outcomeOf(streamId, events, loaded as LoadedState<Facts>, true);
  }
}

/**
 * Returns a command's result: the events of its own stream, and the position after which everything it stored can be
 * read.
 */
export function outcomeOf<Facts>(
  streamId: string,
  stored: readonly AppendedEvent[],
  { state, lifecycle }: Pick<LoadedState<Facts>, 'state' | 'lifecycle'>,
  repeated: boolean,
): CommandOutcome<Facts> {
  const own = stored.filter((event) => event.streamId === streamId);
  const { version, recordedAt } = own.at(-1) as AppendedEvent;
  const { position } = stored.at(-1) as AppendedEvent;
  const events = own.map(({ eventId, type, version }) => ({ eventId, type, version }));
  const status = lifecycle.statusOf(state.value);
  return { version, position, recordedAt, state, status, events, repeated };
}
