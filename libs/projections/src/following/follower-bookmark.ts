import type { ReadModelDatabase } from '../read-model-database.ts';

/** Returns the position of the last event that a follower handled; `'0'` before the first. */
export async function followerBookmark({ db }: ReadModelDatabase, name: string): Promise<string> {
  const row = await db.selectFrom('followers').select('position').where('name', '=', name).executeTakeFirst();
  return row?.position ?? '0';
}

/** Saves the position of the last event that a follower handled. */
export async function saveFollowerBookmark(
  { db }: ReadModelDatabase,
  name: string,
  position: string,
): Promise<void> {
  await db
    .insertInto('followers')
    .values({ name, position })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ position }))
    .execute();
}
