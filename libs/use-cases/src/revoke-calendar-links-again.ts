import { randomUUID } from 'node:crypto';
import type { Actor } from '../../event-sourcing/src/envelope.ts';
import type { EventStore } from '../../event-sourcing/src/event-store.ts';
import { londonDate } from '../../lifecycle/src/plain-date.ts';
import { revokedCalendarLinks } from '../../projections/src/calendar-links/calendar-links-projection.ts';
import { ReadModelMissingError } from '../../projections/src/read-live.ts';
import type { ReadModelDatabase } from '../../projections/src/read-model-database.ts';
import { People } from './people.ts';

export interface RevokedAgain {
  readonly subject: string;
  readonly linkId: string;
}

const PAGE = 500;

/**
 * Revokes the calendar links that the read models know as revoked and that came back with a restored log, so that nobody reads
 * by an address that was given up.
 * @returns those that were revoked.
 */
export async function revokeCalendarLinksAgain(
  store: EventStore,
  database: ReadModelDatabase,
  { actor, now }: { readonly actor: Actor; readonly now: number },
): Promise<RevokedAgain[]> {
  const people = new People(store);
  const again: RevokedAgain[] = [];
  try {
    for (let after: string | undefined = ''; after !== undefined;) {
      const page = await revokedCalendarLinks(database, { after, today: londonDate(now), limit: PAGE });
      for (const { id: linkId, subject } of page) {
        const call = { actor, now, correlationId: randomUUID() };
        if (await people.revokeCalendarLink(subject, linkId, call)) again.push({ subject, linkId });
      }
      after = page.at(-1)?.id;
    }
    return again;
  } catch (error) {
    if (error instanceof ReadModelMissingError) return again;
    throw error;
  }
}
