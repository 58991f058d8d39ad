import { lifeOf } from '#lives/life';
import { Lives } from '#lives/lives';
import type { DayDeadline, DayRow } from '#lives/lives';
import type { Envelope } from '#event-sourcing/envelope';

/** Returns the lives of records from the events that were recorded up to an instant, or adds them to others. */
export function livesOf(
  events: readonly Envelope[],
  knownAt: string | null = null,
  lives = new Lives(),
): Lives {
  for (const [stream, own] of Map.groupBy(events, ({ streamId }) => streamId)) {
    const life = lifeOf(own.filter(({ recordedAt }) => knownAt === null || recordedAt <= knownAt));
    if (life !== null) lives.set(stream, life);
  }
  return lives;
}

/** Returns the rows of the register at the end of a day. */
export const rowsOn = (lives: Lives, day: string): DayRow[] =>
  [...lives.streams()].flatMap((stream) => lives.rowOf(stream, day) ?? []);

/** Returns the deadlines at the end of a day, including withdrawn ones. */
export const deadlinesOn = (lives: Lives, day: string): DayDeadline[] =>
  [...lives.streams()].flatMap((stream) => [...lives.deadlinesOf(stream, day)]);
