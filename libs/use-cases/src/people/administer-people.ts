import { RUNS_SERVICE } from '#state-machines/access';
import type { Erased, RecordsAccess } from '../records/records-access.ts';
import { callOf, requireRole } from '../asked.ts';
import type { AskedNow } from '../asked.ts';
import type { People } from './people.ts';

/** What administrators change of people with. */
export interface PeopleAccess extends Pick<RecordsAccess, 'store' | 'eraser'> {
  readonly people: People;
}

/** How long the answer waits for the name to be gone. */
const ERASED_MS = 5_000;

/**
 * Erases a person's name everywhere.
 * @returns where it still remains.
 * @throws ProblemError `role-not-permitted`; CommandRefusedError `not-found` where there is no such person.
 */
export async function eraseName(
  { people, eraser, store }: PeopleAccess,
  asked: AskedNow,
  subject: string,
): Promise<Erased> {
  requireRole(asked.viewer, RUNS_SERVICE);
  const position = await people.eraseName(subject, callOf(asked));
  // Where nothing was left to be erased, it may still be under way from before.
  const isErased = await (position === null
    ? eraser.pending().then((pending) => pending.length === 0)
    : eraser.whenHandled(position, ERASED_MS));
  return { remains: isErased ? store.erasedRemains : 'pending' };
}

/**
 * Ends every sign-in of a person at the pages.
 * @throws ProblemError `role-not-permitted`; CommandRefusedError `not-found` where there is no such person.
 */
export async function revokeSessions(people: People, asked: AskedNow, subject: string): Promise<void> {
  requireRole(asked.viewer, RUNS_SERVICE);
  await people.endSessions(subject, { because: 'revoked' }, callOf(asked));
}
