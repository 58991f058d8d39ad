import { hash } from 'node:crypto';
import { CurrentSet } from './current-set.ts';
import type { ReadCounts } from './limited-reads.ts';
import { bookmarkIn } from './model-set.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

type Owned = 'projections' | 'digest' | 'use' | 'read' | 'readCounts' | 'readsRefused' | 'trouble';

interface Parts extends Omit<ReadModelDatabase, Owned> {
  /** Returns the known fault of the operational tables. */
  readonly operationalTrouble: () => string | null;
}

const NO_READS: ReadCounts = { busy: 0, waiting: 0, tooSlow: 0, replaced: 0, left: 0 };

/** Returns the read models of projections, on the parts that differ between kinds of databases. */
export function readModelsOn(parts: Parts, projections: readonly Projection[]): ReadModelDatabase {
  const digest = digestOf(projections);
  const liveName = async (): Promise<string | undefined> => {
    const live = parts.db.selectFrom('model_sets').select('name').where('digest', '=', digest);
    return (await live.where('state', '=', 'live').executeTakeFirst())?.name;
  };
  const current = new CurrentSet(liveName, parts.sets);
  return {
    ...parts,
    projections,
    digest,
    use: (action) => current.use(action),
    read: (action) => current.use((set) => set.read(action)),
    readCounts: () => current.seen?.readCounts() ?? NO_READS,
    readsRefused: () => current.seen?.readsRefused() ?? null,
    async trouble() {
      // The file of a set that was replaced is gone, which is no fault.
      await current.use(({ db }) => bookmarkIn(db)).catch(() => undefined);
      return parts.operationalTrouble() ?? current.seen?.trouble() ?? null;
    },
    async close() {
      await current.close();
      await parts.close();
    },
  };
}

/** Returns the digest of the definitions of projections: builds with the same digest share a set of models. */
export const digestOf = (projections: readonly Projection[]): string =>
  hash(
    'sha256',
    JSON.stringify(
      projections.map(({ name, version, tables, searches = [] }) => [
        name,
        version,
        tables.map((table) => [table.name, table.key, Object.entries(table.columns), table.indexes]),
        searches.map((search) => [search.name, search.table]),
      ]),
    ),
    'hex',
  );
