import type {
  DeadlineItem,
  DeadlinesPage,
  DeadlinesQuery,
  ListedDeadline,
} from '#read-models/deadlines/deadlines-query';
import { pastRows, withNames, withTitles } from '#read-models/register/past-names';
import type { PastView } from '#read-models/past-rows';
import type { RegisterItem, RegisterPage, RegisterQuery } from '#read-models/register/register-query';
import { recordsInParts } from '#read-models/register/whole-register';
import type { Statistics, StatisticsQuery } from '#read-models/register/statistics-query';
import type { RecordsAccess } from '../records/records-access.ts';

export type PastAccess = Pick<RecordsAccess, 'readModels' | 'past'>;

/** Returns a page of the register on a past day, with the titles and names of today. */
export async function pastList(
  { readModels, past }: PastAccess,
  query: RegisterQuery,
  view: PastView,
): Promise<RegisterPage> {
  const rows = await pastRows(readModels, view, query);
  const { items, ...page } = await past.ask('list', { query: { ...query, past: rows } });
  return { items: await withNames(readModels, items), ...page };
}

/** Yields all records of such a list, part by part. */
export async function wholePastList(
  { readModels, past }: PastAccess,
  query: RegisterQuery,
  view: PastView,
): Promise<AsyncGenerator<readonly RegisterItem[]>> {
  const asked = { query: { ...query, past: await pastRows(readModels, view, query) } };
  const streams = await past.ask('streams', asked);
  return recordsInParts(streams, async (part) =>
    withNames(readModels, await past.ask('records', { ...asked, streams: part })),
  );
}

/** Returns counts of the register on a past day. */
export const pastStatistics = async (
  { readModels, past }: PastAccess,
  query: StatisticsQuery,
  view: PastView,
): Promise<Statistics> =>
  past.ask('statistics', { query: { ...query, past: await pastRows(readModels, view, query) } });

/** Returns a page of the deadlines on a past day, with the titles of today. */
export async function pastDeadlines(
  { readModels, past }: PastAccess,
  query: DeadlinesQuery,
  view: PastView,
): Promise<DeadlinesPage<DeadlineItem>> {
  const { items, ...page } = await past.ask('deadlines', {
    query: { ...query, past: await pastRows(readModels, view, {}) },
  });
  return { items: await withTitles(readModels, items), ...page };
}

/** Returns current deadlines with their outcomes by a day. */
export async function withOutcomes(
  { past }: Pick<PastAccess, 'past'>,
  items: readonly ListedDeadline[],
  today: string,
): Promise<DeadlineItem[]> {
  if (items.length === 0) return [];
  const deadlines = items.map(({ recordKind, id, deadlineId }) => ({ kind: recordKind, id, deadlineId }));
  const outcomes = await past.ask('outcomes', { deadlines, day: today });
  return items.map((item, index) => ({ ...item, ...(outcomes[index] ?? { outcome: null }) }));
}
