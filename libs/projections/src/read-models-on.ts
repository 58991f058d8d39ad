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
  const current = new CurrentSet({
    async liveName() {
      const row = await parts.db
        .selectFrom('model_sets')
        .select('name')
        .where('digest', '=', digest)
        .where('state', '=', 'live')
        .executeTakeFirst();
      return row?.name;
    },
    open: (name) => parts.sets.open(name),
  });
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
