import type { Actor } from '#event-sourcing/envelope';
import type { Commit } from '#event-sourcing/event-store';
import { commitFor } from './commit-for.ts';
import type { CommandIds } from './commit-for.ts';
import type { DueEvent, LifecycleState } from './lifecycle-definition.ts';
import type { Lifecycle } from './lifecycle.ts';

/** The actor and the ids under which due events are recorded. */
export interface DueRecorder {
  readonly actor: Actor;
  readonly commandName: string;
  /** Returns the ids of the command that records one due event; every process computes the same ones. */
  commandIds(streamId: string, key: string): CommandIds;
}

interface DueMoment {
  /** The last day that is included. */
  readonly today: string;
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly correlationId: string;
}

interface AtVersion<Facts = unknown> {
  readonly version: number;
  readonly state: LifecycleState<Facts>;
  readonly lifecycle: Lifecycle<Facts>;
}

/** A stream with its due events, and one commit for each of them, in order. */
export interface DueRecorded<At> {
  readonly at: At;
  readonly commits: readonly Commit[];
}

/** Returns a stream with the events due by a day, as drafts. There are rarely any. */
export function recordDue<Facts, At extends AtVersion<Facts>>(
  streamId: string,
  at: At,
  moment: DueMoment,
  recorder: DueRecorder,
): DueRecorded<At> {
  const { lifecycle } = at;
  const due = lifecycle.code.due?.(at.state.facts, moment.today) ?? [];
  let { version, state } = at;
  const commits = due.map((event: DueEvent): Commit => {
    const header = {
      ids: recorder.commandIds(streamId, event.key),
      name: recorder.commandName,
      actor: recorder.actor,
      now: moment.now,
      correlationId: moment.correlationId,
      origin: 'sweep',
    } as const;
    const { type, data, effectiveOn } = event;
    const { commit, states } = commitFor(header, [
      {
        streamId,
        expectedVersion: version,
        lifecycle,
        before: state,
        decided: () => [{ type, data }],
        effectiveOn,
      },
    ]);
    version += 1;
    state = states.get(streamId) ?? state;
    return commit;
  });
  return commits.length === 0 ? { at, commits } : { at: { ...at, version, state }, commits };
}
