import { hash } from 'node:crypto';
import type { Projection } from './projection.ts';

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
