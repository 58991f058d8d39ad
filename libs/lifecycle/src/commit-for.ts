import type { Actor, Decision, Origin } from '#event-sourcing/envelope';
import type { Commit, CommandRequest, EventDraft, StreamAppend } from '#event-sourcing/event-store';
import { draftEvents } from './decide.ts';
import type { DecidedEvent } from './decide.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LifecycleState } from './lifecycle-definition.ts';

/** Returns the id of the event at an index. */
export type EventIdAt = (index: number) => string;

/** The id of a command, and the ids of its events. */
export interface CommandIds {
  readonly commandId: string;
  /**
   * Returns the id of the event at an index within the command's commit, the first stream's events first. Computed on
   * demand: it is a hash, and few are needed.
   */
  readonly eventIdAt: EventIdAt;
}

/** The part of a commit that describes its command: actor, time, origin and decision. */
export interface CommitHeader {
  readonly ids: CommandIds;
  readonly name: string;
  /** Absent or null if the caller sent no Idempotency-Key. */
  readonly request?: CommandRequest | null;
  readonly actor: Actor;
  /** The time of the command, in milliseconds since 1970. */
  readonly now: number;
  readonly correlationId: string;
  /** Null or absent for imports, sweeps and streams without a lifecycle. */
  readonly decision?: Decision | null;
  /** The origin of the events; a live command if absent. */
  readonly origin?: Origin;
}

/** A decision about a stream that follows a lifecycle. */
export interface DecidedAppend<Facts = unknown> {
  readonly streamId: string;
  readonly expectedVersion: number;
  readonly lifecycle: Lifecycle<Facts>;
  /** The state at that version; null before the stream's first event. */
  readonly before: LifecycleState<Facts> | null;
  /** Returns the events. Their ids are known before they are decided. */
  readonly decided: (eventIdAt: EventIdAt) => readonly DecidedEvent[];
  /** The effective date of events that have none of their own. */
  readonly effectiveOn: string;
}

interface Committed<Facts = unknown> {
  readonly commit: Commit;
  /** The states after the commit, for the streams with a decision. */
  readonly states: ReadonlyMap<string, LifecycleState<Facts>>;
}

/**
 * Returns one commit for all streams of a command: decided events, drafts, or no events if only the stream's version is
 * checked. Numbers the events, which determines their ids.
 * @throws Error if an event was announced under another id.
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
    const recording = { actor, origin, decision, recordedAt, eventIdAt, command: { name } };
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
  const common = {
    command,
    actor,
    decision,
    correlationId,
    causationId: null,
    origin,
    lifecycle,
    recordedAt,
  };
  return { commit: { ...common, appends }, states };
}

/** Throws if an event's id differs from the announced one, to which other events may refer. */
function assertIds(decided: readonly DecidedEvent[], eventIdAt: EventIdAt): void {
  for (const [index, { type, eventId }] of decided.entries()) {
    if (eventId === undefined || eventId === eventIdAt(index)) continue;
    throw new Error(`${type} was announced with the id ${eventId}, but gets ${eventIdAt(index)}`);
  }
}
