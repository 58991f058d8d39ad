import { readCursor } from '#projections/list-cursor';
import { streamOfItem } from '../record-row.ts';
import type { Generation } from '#projections/projection';
import { readLive } from '#projections/read-live';
import { readingOn } from '#projections/read-on';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { RegisterQuery, RegisterItem } from './register-query.ts';
import { parseRequest, itemsOf, listedIn } from './register-query.ts';
import { streamsOf, rowsOf } from './register-pages.ts';
import { currentRegister } from './register-source.ts';
import type { RegisterSource } from './register-source.ts';
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
  source: RegisterSource = currentRegister,
): Promise<AsyncGenerator<readonly RegisterItem[]>> {
  return wholeList(database, query, source, (_, items) => Promise.resolve(items));
}

/** Yields all records of the current list with their texts. */
export async function wholeRegisterWithTexts(
  database: ReadModelDatabase,
  query: RegisterQuery,
): Promise<AsyncGenerator<readonly WithText[]>> {
  return wholeList(database, query, currentRegister, async (generation, items) => {
    const texts = await currentTexts(generation, items.map(streamOfItem));
    return items.map((item) => ({ ...item, text: texts.get(streamOfItem(item)) ?? null }));
  });
}

async function wholeList<Item>(
  database: ReadModelDatabase,
  query: RegisterQuery,
  source: RegisterSource,
  complete: (generation: Generation, items: readonly RegisterItem[]) => Promise<readonly Item[]>,
): Promise<AsyncGenerator<readonly Item[]>> {
  const request = { ...parseRequest(query, source), isWhole: true };
  if (query.cursor !== undefined) readCursor(query.cursor, request.list);
  const ids = await readLive(database, source.projection, async (generation) =>
    streamsOf(generation, await listedIn(generation, request, source)),
  );
  const readOn = readingOn();
  const filtered = { ...request, search: null };
  return partsOf(ids, (part) =>
    readOn(() =>
      readLive(database, source.projection, async (generation) => {
        const listed = await listedIn(generation, filtered, source);
        return complete(generation, itemsOf(await rowsOf(generation, listed, part), query.today));
      }),
    ),
  );
}

async function* partsOf<Item>(
  ids: readonly string[],
  read: (part: readonly string[]) => Promise<readonly Item[]>,
): AsyncGenerator<readonly Item[]> {
  for (let from = 0; from < ids.length; from += PART) yield await read(ids.slice(from, from + PART));
}
