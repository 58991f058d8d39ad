import { readCursor } from '#projections/list-cursor';
import { streamOfItem } from '../record-row.ts';
import type { Models } from '#projections/projection';
import { readLive } from '#projections/read-live';
import { readingOn } from '#projections/read-on';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { RegisterQuery, RegisterItem } from './register-query.ts';
import { parseRequest, itemsOf, listedIn } from './register-query.ts';
import { streamsOf, rowsOf } from './register-pages.ts';
import { currentTexts } from './register-texts.ts';

/** The number of records that are read at once. */
const PART = 500;

/** A listed record with the text of the recommendation; null if the text was erased. */
export interface WithText extends RegisterItem {
  readonly text: string | null;
}

/**
 * Yields all records of a list, in order, part by part. The set of records is read once, so that a change of order
 * neither skips nor repeats a record. Each record is listed in its state when its part is read, and left out if it no
 * longer belongs to the list. A search runs once, at the start. A cursor is validated but ignored.
 * @throws as `queryRegister`, before the first part.
 */
export async function wholeRegister(
  database: ReadModelDatabase,
  query: RegisterQuery,
): Promise<AsyncGenerator<readonly RegisterItem[]>> {
  return wholeList(database, query, (_, items) => Promise.resolve(items));
}

/** Yields all records of the current list with their texts. */
export async function wholeRegisterWithTexts(
  database: ReadModelDatabase,
  query: RegisterQuery,
): Promise<AsyncGenerator<readonly WithText[]>> {
  return wholeList(database, query, async (models, items) => {
    const texts = await currentTexts(models, items.map(streamOfItem));
    return items.map((item) => ({ ...item, text: texts.get(streamOfItem(item)) ?? null }));
  });
}

async function wholeList<Item>(
  database: ReadModelDatabase,
  query: RegisterQuery,
  complete: (models: Models, items: readonly RegisterItem[]) => Promise<readonly Item[]>,
): Promise<AsyncGenerator<readonly Item[]>> {
  const streams = await readLive(database, (models) => streamsIn(models, query));
  return recordsInParts(streams, (part) =>
    readLive(database, async (models) => complete(models, await recordsIn(models, query, part))),
  );
}

/** Returns the streams of all records of a list, in its order. */
export async function streamsIn(models: Models, query: RegisterQuery): Promise<readonly string[]> {
  const request = { ...parseRequest(query), isWhole: true };
  if (query.cursor !== undefined) readCursor(query.cursor, request.list);
  return streamsOf(models, await listedIn(models, request));
}

/** Returns those of some records that belong to a list, apart from its search. */
export async function recordsIn(
  models: Models,
  query: RegisterQuery,
  streams: readonly string[],
): Promise<readonly RegisterItem[]> {
  const filtered = { ...parseRequest(query), search: null };
  return itemsOf(await rowsOf(models, await listedIn(models, filtered), streams), query.today);
}

/** Yields the records of these streams, part by part. Call it in the context of the request. */
export function recordsInParts<Item>(
  streams: readonly string[],
  read: (part: readonly string[]) => Promise<readonly Item[]>,
): AsyncGenerator<readonly Item[]> {
  const readOn = readingOn();
  return parts();
  async function* parts() {
    for (let from = 0; from < streams.length; from += PART)
      yield await readOn(() => read(streams.slice(from, from + PART)));
  }
}
