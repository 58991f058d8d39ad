import type { Actor } from '#event-sourcing/envelope';
import type { Commit } from '#event-sourcing/event-store';
import { commitFor } from './commit-for.ts';
import type { CommandIds } from './commit-for.ts';
import type { DueEvent, LifecycleState } from './lifecycle-definition.ts';
import type { Lifecycle } from './lifecycle.ts';

/** Who records what is due without a command, and under which ids. */
export interface DueRecorder {
  readonly actor: Actor;
  readonly commandName: string;
  /** The ids of the command that records one due event: the same ones whichever process records it. */
  commandIds(streamId: string, key: string): CommandIds;
}

/** When due events are recorded. */
interface DueMoment {
  /** The last day that is looked at. */
  readonly today: string;
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly correlationId: string;
}

/** A stream at a version. */
interface AtVersion<Facts = unknown> {
  readonly version: number;
  readonly state: LifecycleState<Facts>;
  readonly lifecycle: Lifecycle<Facts>;
}

/** A stream after what was due on it, and the commits that record that: one for each event, in their order. */
export interface DueRecorded<At> {
  readonly at: At;
  readonly commits: readonly Commit[];
}

/** Drafts what is due on a stream up to a day; almost always that is nothing. */
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
