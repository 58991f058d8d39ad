import { withDescription, oneOf, optional } from '#lifecycle/fields';
import { payload } from '#lifecycle/shapes';
import { DATE_KINDS } from '#state-machines/any-kind';
import { DUE_STATES } from '#state-machines/capabilities/deadlines';
import { recipient } from '#state-machines/capabilities/fields';
import type { Identity } from '#identity/identity';
import type { CalendarFilter } from '#state-machines/person-events';
import { londonDate } from '#state-machines/london';
import { calendarLinkOwner, queryCalendarLinks } from '#read-models/calendar-links/calendar-links-projection';
import type {
  CalendarLinksPage,
  CalendarLinksQuery,
} from '#read-models/calendar-links/calendar-links-projection';
import type { Viewer } from '#state-machines/access';
import { RUNS_SERVICE } from '#state-machines/access';
import { ProblemError } from '../problems.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { namedBody } from '../register/lists.ts';
import type { People } from './people.ts';
import { callOf } from '../call-context.ts';
import type { CallContext } from '../call-context.ts';

/** What a calendar link shows. Without a member, it shows everything that the person may see. */
export const CalendarLinkPayload = payload('CalendarLinkPayload', {
  recipient: optional(
    withDescription(recipient, 'The body whose deadlines the link shows; by default all bodies.'),
  ),
  kind: optional(
    oneOf<string>(DATE_KINDS, 'The kind of deadline that the link shows; by default all kinds.'),
  ),
  state: optional(
    oneOf(DUE_STATES, 'The state of the deadlines that the link shows; by default all states.'),
  ),
});

/** The timeout for the lists to include the change. */
const LISTED_MS_MAX = 2_000;

const seesAll = ({ roles }: Viewer): boolean => RUNS_SERVICE.some((role) => roles.includes(role));

/**
 * Creates a person's address for a calendar program.
 * @throws ProblemError `other-organisation` for a body that is not theirs; CommandRefusedError as `People` does.
 */
export async function makeCalendarLink(
  access: RecordsAccess,
  context: CallContext & { readonly viewer: Identity },
  filter: CalendarFilter,
): ReturnType<People['makeCalendarLink']> {
  namedBody(context.viewer, filter.recipient ?? undefined);
  const created = await access.people.makeCalendarLink(context.viewer, filter, callOf(context));
  await access.projections.whenHandled(created.position, LISTED_MS_MAX);
  return created;
}

/** Lists the viewer's links; for administrators, everyone's. */
export const listCalendarLinks = (
  { readModels }: Pick<RecordsAccess, 'readModels'>,
  viewer: Viewer,
  query: Omit<CalendarLinksQuery, 'subject' | 'today'>,
  now: number,
): Promise<CalendarLinksPage> =>
  queryCalendarLinks(readModels, {
    ...query,
    ...(!seesAll(viewer) && { subject: viewer.subject }),
    today: londonDate(now),
  });

/**
 * Revokes one of the viewer's links. Administrators can revoke anyone's links; for all others, links of other people do not exist.
 * @throws ProblemError `not-found`.
 */
export async function revokeCalendarLink(
  { people, readModels }: RecordsAccess,
  context: CallContext,
  id: string,
): Promise<void> {
  const { viewer } = context;
  if (await people.revokeCalendarLink(viewer.subject, id, callOf(context))) return;
  const owner = seesAll(viewer) ? await calendarLinkOwner(readModels, id) : null;
  if (owner !== null && (await people.revokeCalendarLink(owner, id, callOf(context)))) return;
  throw new ProblemError('not-found', 'You have no such calendar link, or it was already revoked');
}
