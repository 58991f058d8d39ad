import type { ReadModelDatabase } from './read-model-database.ts';

/** The last event that a follower has dealt with; null before the first. */
export async function followerCheckpoint({ db }: ReadModelDatabase, name: string): Promise<string | null> {
  const row = await db.selectFrom('followers').select('event_id').where('name', '=', name).executeTakeFirst();
  return row?.event_id ?? null;
}

/** Notes the last event that a follower has dealt with. */
export async function saveFollowerCheckpoint(
  { db }: ReadModelDatabase,
  name: string,
  eventId: string,
): Promise<void> {
  await db
    .insertInto('followers')
    .values({ name, event_id: eventId })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ event_id: eventId }))
    .execute();
}
