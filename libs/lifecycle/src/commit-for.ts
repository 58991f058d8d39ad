import type { Actor, Decision, Origin } from '#event-sourcing/envelope';
import type { Commit, CommandRequest, EventDraft, StreamAppend } from '#event-sourcing/event-store';
import { draftEvents } from './decide.ts';
import type { DecidedEvent } from './decide.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LifecycleState } from './lifecycle-definition.ts';

/** The id of the event at an index of some events. */
export type EventIdAt = (index: number) => string;

/** A command's id, and those of its events. */
export interface CommandIds {
  readonly commandId: string;
  /**
   * That of the event at an index of all that the command's commit appends: of the first stream first. It is a hash, made when it is
   * asked for; few are.
   */
  readonly eventIdAt: EventIdAt;
}

/** What a commit says of its command: who gave it, when, as what, and how it was decided. */
export interface CommitHeader {
  readonly ids: CommandIds;
  readonly name: string;
  /** Present where the caller sent an Idempotency-Key. */
  readonly request?: CommandRequest | null;
  readonly actor: Actor;
  /** The moment of the command, in milliseconds since 1970. */
  readonly now: number;
  readonly correlationId: string;
  /** Null, as it is where it is not said, for import and sweep, and for streams that follow no lifecycle. */
  readonly decision?: Decision | null;
  /** A live command where it is not said. */
  readonly origin?: Origin;
}

/** What was decided for a stream that follows a lifecycle. */
export interface DecidedAppend<Facts = unknown> {
  readonly streamId: string;
  readonly expectedVersion: number;
  readonly lifecycle: Lifecycle<Facts>;
  /** The state at that version; null before the stream's first event. */
  readonly before: LifecycleState<Facts> | null;
  /** The events, given the ids that they get. */
  readonly decided: (eventIdAt: EventIdAt) => readonly DecidedEvent[];
  /** The day on which they hold that say none. */
  readonly effectiveOn: string;
}

interface Committed<Facts = unknown> {
  readonly commit: Commit;
  /** The states after it of the streams that something was decided for. */
  readonly states: ReadonlyMap<string, LifecycleState<Facts>>;
}

/**
 * The commit that appends one command's events to streams, or to none of them: what was decided, what was drafted already, and
 * nothing where only the version counts. It numbers the events, and so gives them the ids that folds see, and the store keeps.
 * @throws Error where another id than that was given out for an event.
 */
export function commitFor<Facts>(
  header: CommitHeader,
  streams: readonly (StreamAppend | DecidedAppend<Facts>)[],
): Committed<Facts> {
  const {
    ids,
    name,
    request = null,
    actor,
    now,
    correlationId,
    decision = null,
    origin = 'command',
  } = header;
  const recordedAt = new Date(now).toISOString();
  const states = new Map<string, LifecycleState<Facts>>();
  const draft = (stream: DecidedAppend<Facts>, eventIdAt: EventIdAt): readonly EventDraft[] => {
    const { streamId, lifecycle, before, effectiveOn } = stream;
    const decided = stream.decided(eventIdAt);
    assertIds(decided, eventIdAt);
    const recording = { actor, origin, decision, recordedAt, eventIdAt };
    const { drafts, state } = draftEvents(lifecycle, before, decided, effectiveOn, recording);
    states.set(streamId, state);
    return drafts;
  };
  const following = streams.find((stream) => 'decided' in stream);
  const lifecycle = following?.lifecycle.reference ?? null;
  let numbered = 0;
  const appends = streams.map((stream): StreamAppend => {
    const first = numbered;
    const { streamId, expectedVersion } = stream;
    const events =
      'decided' in stream ? draft(stream, (index) => ids.eventIdAt(first + index)) : stream.events;
    numbered += events.length;
    const own = 'decided' in stream ? stream.lifecycle.reference : lifecycle;
    return {
      streamId,
      expectedVersion,
      events,
      ...(own !== null && own !== lifecycle && { lifecycle: own }),
    };
  });
  const command = { id: ids.commandId, name, request };
  const said = { command, actor, decision, correlationId, causationId: null, origin, lifecycle, recordedAt };
  return { commit: { ...said, appends }, states };
}

/** Other events may name an event by the id that it was said to get. */
function assertIds(decided: readonly DecidedEvent[], eventIdAt: EventIdAt): void {
  for (const [index, { type, eventId }] of decided.entries()) {
    if (eventId === undefined || eventId === eventIdAt(index)) continue;
    throw new Error(`${type} was said to get the id ${eventId}, and gets ${eventIdAt(index)}`);
  }
}
