import { streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { asPersonEvent, personStream } from '#state-machines/person-events';
import type { RecordingAgain } from '../records/record-redactions-again.ts';
import { People } from './people.ts';

export interface RevokedAgain {
  readonly subject: string;
  readonly linkId: string;
}

/**
 * Revokes calendar links that a restored log contains as valid, so that a revoked address stays closed.
 * @returns the revoked links, and those that the log does not contain.
 */
export async function revokeCalendarLinksAgain(
  store: EventStore,
  links: readonly RevokedAgain[],
  { random, actor, now }: Pick<RecordingAgain, 'random' | 'actor' | 'now'>,
): Promise<{ readonly revoked: RevokedAgain[]; readonly waiting: RevokedAgain[] }> {
  const people = new People(store, random);
  const revoked: RevokedAgain[] = [];
  const waiting: RevokedAgain[] = [];
  for (const link of links) {
    const call = { actor, now, correlationId: random.uuid() };
    if (await people.revokeCalendarLink(link.subject, link.linkId, call)) revoked.push(link);
    else if (!(await isStored(store, link))) waiting.push(link);
  }
  return { revoked, waiting };
}

async function isStored(store: EventStore, { subject, linkId }: RevokedAgain): Promise<boolean> {
  for await (const event of streamEvents(store, personStream(subject))) {
    const { type, data } = asPersonEvent(event);
    if (type === 'CalendarLinkMade' && data.linkId === linkId) return true;
  }
  return false;
}
