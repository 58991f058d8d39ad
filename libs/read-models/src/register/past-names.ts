import type { Kysely } from 'kysely';
import type { Models } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import type { PastRows, PastView } from '../past-rows.ts';
import type { ListedDeadline } from '../deadlines/deadlines-query.ts';
import { namesOf } from '../queue-conditions.ts';
import { streamOfItem } from '../record-row.ts';
import type { Listed } from '../record-row.ts';
import type { RegisterTables } from './register-projection.ts';
import type { RegisterFilters, RegisterItem } from './register-query.ts';

// Rows of past days have no names, so that nothing has to be erased from them. Names and titles are those of today.

/** Returns what a query of a past day needs to select by the names of owners. */
export async function pastRows(
  database: ReadModelDatabase,
  view: PastView,
  { owner = [], without, queue }: Pick<RegisterFilters, 'owner' | 'without' | 'queue'>,
): Promise<PastRows> {
  const names = [...owner, ...(queue === undefined ? [] : namesOf(queue.of.subject))];
  const isOfNobody = without === 'owner' || queue !== undefined;
  if (names.length === 0 && !isOfNobody) return { view, owners: {}, nobody: null };
  return readLive(database, async ({ db, sql }) => {
    const events = (db as Kysely<RegisterTables>).selectFrom('owners').select(['event_id', 'owner']);
    const named = await events.where('owner', 'in', sql.listed(names)).execute();
    const nobody = isOfNobody ? await events.where('owner', 'is', null).execute() : null;
    const byName = Map.groupBy(named, (event) => event.owner ?? '');
    const idsOf = (some: typeof named) => some.map(({ event_id }) => event_id);
    return {
      view,
      owners: Object.fromEntries([...byName].map(([name, own]) => [name, idsOf(own)])),
      nobody: nobody && idsOf(nobody),
    };
  });
}

/** Returns records of a past day with the names and titles of today. Each owner is the id of an event. */
export const withNames = (
  database: ReadModelDatabase,
  items: readonly RegisterItem[],
): Promise<RegisterItem[]> =>
  readLive(database, async (models) => {
    const titles = await titlesOf(models, items);
    const owners = await ownersOf(
      models,
      items.flatMap(({ owner }) => owner ?? []),
    );
    return items.map((item) => {
      const today = titles.get(streamOfItem(item));
      return {
        ...item,
        title: today?.title ?? null,
        owner: item.owner === null ? null : (owners.get(item.owner) ?? null),
        report: item.report && { ...item.report, name: today?.report_name ?? null },
      };
    });
  });

/** Returns deadlines of a past day with the titles of today. */
export const withTitles = <Item extends Pick<ListedDeadline, 'id' | 'recordKind'>>(
  database: ReadModelDatabase,
  items: readonly Item[],
): Promise<(Item & { readonly title: string | null })[]> =>
  readLive(database, async (models) => {
    const records = items.map(({ recordKind: kind, id }) => ({ kind, id }));
    const titles = await titlesOf(models, records);
    return items.map((item, index) => ({
      ...item,
      title: titles.get(streamOfItem(records[index] as Listed))?.title ?? null,
    }));
  });

async function titlesOf({ db, sql }: Models, records: readonly Listed[]) {
  const found = await (db as Kysely<RegisterTables>)
    .selectFrom('register')
    .select(['stream', 'title', 'report_name'])
    .where('stream', 'in', sql.listed([...new Set(records.map(streamOfItem))]))
    .execute();
  return new Map(found.map(({ stream, ...names }) => [stream, names]));
}

async function ownersOf({ db, sql }: Models, events: readonly string[]): Promise<Map<string, string | null>> {
  const found = await (db as Kysely<RegisterTables>)
    .selectFrom('owners')
    .select(['event_id', 'owner'])
    .where('event_id', 'in', sql.listed(events))
    .execute();
  return new Map(found.map(({ event_id, owner }) => [event_id, owner]));
}
