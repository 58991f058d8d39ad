import { londonDate } from '#state-machines/london';
import { queryDeadlines } from '#read-models/deadlines/deadlines-query';
import type { DeadlinesPage, DeadlinesQuery } from '#read-models/deadlines/deadlines-query';
import { queryRegister } from '#read-models/register/register-query';
import type { RegisterPage, RegisterQuery } from '#read-models/register/register-query';
import { queryStatistics } from '#read-models/register/statistics-query';
import type { Statistics } from '#read-models/register/statistics-query';
import type { Viewer } from '#state-machines/access';
import { visibleBodies } from '#state-machines/access';
import { ProblemError } from '../problems.ts';
import type { RecordsAccess } from '../records/records-access.ts';

type ReadModels = Pick<RecordsAccess, 'readModels'>;
/** What is asked of a list; of which bodies it can tell, and as of which day, is not the asker's to say. */
type AskedOf<Query> = Omit<Query, 'recipients' | 'today'>;

/**
 * A page of the register, of the records that the viewer sees.
 * @param now milliseconds since 1970.
 * @throws ProblemError `other-organisation` as `namedBody`; InvalidCursorError.
 */
export async function listRecords(
  { readModels }: ReadModels,
  viewer: Viewer,
  asked: AskedOf<RegisterQuery>,
  now: number,
): Promise<RegisterPage> {
  for (const body of asked.recipient ?? []) namedBody(viewer, body);
  return queryRegister(readModels, { ...asked, ...sightOf(viewer, now) });
}

/** A page of the deadlines of those records; throws as above. */
export async function listDeadlines(
  { readModels }: ReadModels,
  viewer: Viewer,
  asked: AskedOf<DeadlinesQuery>,
  now: number,
): Promise<DeadlinesPage> {
  namedBody(viewer, asked.recipient);
  return queryDeadlines(readModels, { ...asked, ...sightOf(viewer, now) });
}

/** Counts of those records. */
export const seeStatistics = ({ readModels }: ReadModels, viewer: Viewer, now: number): Promise<Statistics> =>
  queryStatistics(readModels, sightOf(viewer, now));

const sightOf = (viewer: Viewer, now: number) => ({
  recipients: visibleBodies(viewer),
  today: londonDate(now),
});

/**
 * The body that a list is asked for by name; undefined where none is.
 * @throws ProblemError `other-organisation` where it is not one of the viewer's: that there is such a body is no secret, its records are.
 */
export function namedBody(viewer: Viewer, recipient: string | undefined): string | undefined {
  const bodies = visibleBodies(viewer);
  if (recipient === undefined || bodies === null || bodies.includes(recipient)) return recipient;
  const mine = bodies.length === 0 ? 'you have none' : `yours: ${bodies.join(', ')}`;
  throw new ProblemError('other-organisation', `${recipient} is not one of your organisations; ${mine}`);
}
