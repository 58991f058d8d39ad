import { OperationNodeTransformer, SchemableIdentifierNode } from 'kysely';
import type { Kysely, KyselyPlugin, QueryId, TableNode } from 'kysely';
import type { Envelope } from '#event-sourcing/envelope';
import type { ReadModelSql } from './read-model-sql.ts';
import { tableInGeneration } from './tables.ts';
import type { SearchDefinition, TableDefinition } from './tables.ts';

/**
 * A fold of the log into tables. A new version means other rows for the same events, so they are rebuilt from the
 * beginning.
 */
export interface Projection {
  readonly name: string;
  readonly version: number;
  readonly tables: readonly TableDefinition[];
  readonly searches?: readonly SearchDefinition[];
  /**
   * Folds a batch into the generation's tables, in the runner's transaction. The rows must not depend on how the log is
   * split into batches.
   * @throws to make the runner stop at the event and retry later; no event is skipped.
   */
  apply(generation: Generation, batch: Batch): Promise<void>;
}

/**
 * Returns a projection.
 * @throws RangeError if there is none with this name.
 */
export function projectionNamed(projections: readonly Projection[], name: string): Projection {
  const projection = projections.find((one) => one.name === name);
  if (projection !== undefined) return projection;
  const names = projections.map((one) => one.name).join(', ');
  throw new RangeError(`There is no projection "${name}". Projections: ${names}`);
}

export interface Batch {
  readonly events: readonly Envelope[];
  /** The number of earlier events in the log, which is the same in every store and generation. */
  readonly ordinal: number;
  /**
   * The most rows to write before yielding; no limit if absent. A projection in which one event can change many rows
   * throws TooManyRowsError at the limit.
   */
  readonly rowsMax?: number;
}

/** Thrown if a batch changes more rows than allowed at once. The caller must first fold its events up to a position. */
export class TooManyRowsError extends Error {
  override readonly name = 'TooManyRowsError';
  readonly position: string;

  constructor(position: string) {
    super(`The events up to position ${position} change as many rows as one batch may write`);
    this.position = position;
  }
}

/** One set of a projection's tables. A rebuild creates another set beside the one that queries read. */
export interface Generation {
  readonly number: number;
  /** A connection on which plain table names resolve to the tables of this generation. */
  readonly db: Kysely<unknown>;
  readonly sql: ReadModelSql;
}

/** Returns a connection or transaction whose table names resolve to one generation. */
export function generationOf(
  db: Kysely<unknown>,
  dialect: ReadModelSql,
  projection: Projection,
  generation: number,
): Generation {
  const plugin = new TablesOfGeneration(projection, generation);
  return { number: generation, db: db.withPlugin(plugin), sql: dialect };
}

class TablesOfGeneration extends OperationNodeTransformer implements KyselyPlugin {
  readonly #names: ReadonlyMap<string, string>;

  constructor({ tables, searches = [] }: Projection, generation: number) {
    super();
    this.#names = new Map(
      [...tables, ...searches].map(({ name }) => [name, tableInGeneration(name, generation)]),
    );
  }

  transformQuery({ node, queryId }: Parameters<KyselyPlugin['transformQuery']>[0]): typeof node {
    return this.transformNode(node, queryId);
  }

  transformResult({ result }: Parameters<KyselyPlugin['transformResult']>[0]): Promise<typeof result> {
    return Promise.resolve(result);
  }

  protected override transformTable(node: TableNode, queryId: QueryId): TableNode {
    const transformed = super.transformTable(node, queryId);
    const name = this.#names.get(transformed.table.identifier.name);
    if (name === undefined) return transformed;
    return { ...transformed, table: SchemableIdentifierNode.create(name) };
  }
}
