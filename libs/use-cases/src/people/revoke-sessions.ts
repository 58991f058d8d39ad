import { RUNS_SERVICE } from '#state-machines/access';
import { callOf, requireRole } from '../asked.ts';
import type { AskedNow } from '../asked.ts';
import type { People } from './people.ts';

/**
 * Ends every sign-in of a person at the pages.
 * @throws ProblemError `role-not-permitted`; CommandRefusedError `not-found` where there is no such person.
 */
export async function revokeSessions(people: People, asked: AskedNow, subject: string): Promise<void> {
  requireRole(asked.viewer, RUNS_SERVICE);
  await people.endSessions(subject, { because: 'revoked' }, callOf(asked));
}
