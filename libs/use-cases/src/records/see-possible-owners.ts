import { isShownWithoutInternal } from '#read-models/timeline/timeline';
import { readsInternal } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { listCurrent } from '../register/lists.ts';
import type { RecordsAccess } from './records-access.ts';
import { recipientOf, visibleHistory } from './visible-record.ts';
import type { RecordReference } from '#lifecycle/kind';
import { personMember } from '#lifecycle/shapes';

/** The number of the body's records searched: those that changed most recently. */
const RECORDS_MAX = 200;
/** The maximum number of owners returned. */
const OWNERS_MAX = 50;

/**
 * Returns subjects who may be the record's next owner: first the people who acted on it in an eligible role, most recent first, then the
 * owners of the body's other records who are known people.
 * @param now milliseconds since 1970.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 */
export async function seePossibleOwners(
  access: RecordsAccess,
  viewer: Viewer,
  reference: RecordReference,
  now: number,
): Promise<readonly string[]> {
  const { commands } = access.lifecycles.current(reference.kind.name);
  const naming = Object.values(commands).filter(({ payload }) => personMember(payload.members) !== undefined);
  const mayOwn = new Set<string | undefined>(naming.flatMap(({ roles }) => roles));
  const { events } = await visibleHistory(access, viewer, reference);
  const recipient = recipientOf(events);
  const isShown = readsInternal(viewer, recipient, reference.kind)
    ? () => true
    : isShownWithoutInternal(events);
  const acted = events
    .filter((event) => mayOwn.has(event.decision?.role) && isShown(event))
    .map(({ actor }) => actor.subject)
    .reverse();
  const owners = recipient === null ? [] : await ownersOf(access, viewer, recipient, now);
  const otherOwners = [...new Set(owners)].slice(0, OWNERS_MAX);
  // A file or an early event may name an owner who is not a known person.
  const areKnown = await Promise.all(otherOwners.map((each) => access.people.isKnown(each)));
  return [...new Set([...acted, ...otherOwners.filter((_, index) => areKnown[index])])].slice(0, OWNERS_MAX);
}

async function ownersOf(
  access: RecordsAccess,
  viewer: Viewer,
  recipient: string,
  now: number,
): Promise<readonly string[]> {
  const { items } = await listCurrent(access, viewer, { recipient: [recipient], limit: RECORDS_MAX }, now);
  return items.flatMap(({ owner }) => owner ?? []);
}
