import { buildBeside } from './build-beside.ts';
import type { BuildOptions } from './build-beside.ts';
import type { FoldProgress } from './fold-log.ts';
import { bookmarkIn } from './model-set.ts';
import { dropUnusedSets, switchSets } from './model-sets.ts';

/**
 * Builds the read models beside the live ones, switches to them when they have caught up, and drops the others. If it
 * fails, the live ones are unchanged.
 * @throws errors of `buildBeside`
 */
export async function rebuild(options: BuildOptions): Promise<FoldProgress> {
  const { database } = options;
  const rebuilt = await buildBeside(options, 'end', async (live, built) => {
    await switchSets(database, built.name);
    await live?.trx.updateTable('bookmark').set({ replaced: 1 }).execute();
    const { events, position } = await bookmarkIn(built.db);
    return { events, position };
  });
  await dropUnusedSets(database);
  return rebuilt;
}
