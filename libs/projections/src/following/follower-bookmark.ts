import type { ReadModelDatabase } from '../read-model-database.ts';

/** The position of the last event that a follower has dealt with; `'0'` before the first. */
export async function followerBookmark({ db }: ReadModelDatabase, name: string): Promise<string> {
  const row = await db.selectFrom('followers').select('position').where('name', '=', name).executeTakeFirst();
  return row?.position ?? '0';
}

/** Notes the position of the last event that a follower has dealt with. */
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
