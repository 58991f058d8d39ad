import { OperationNodeTransformer, SchemableIdentifierNode } from 'kysely';
import type { Kysely, KyselyPlugin, QueryId, TableNode } from 'kysely';
import type { Envelope } from '../../event-sourcing/src/envelope.ts';
import type { ReadModelSql } from './read-model-sql.ts';
import { tableInGeneration } from './tables.ts';
import type { SearchDefinition, TableDefinition } from './tables.ts';

/**
 * A fold of the log into tables, with a name and a version: another version gives other rows for the same events,
 * and is built from the beginning.
 */
export interface Projection {
  readonly name: string;
  readonly version: number;
  readonly tables: readonly TableDefinition[];
  readonly search?: SearchDefinition;
  /**
   * Folds a batch into the generation's tables, within the runner's transaction. The rows must be those that the
   * events give one by one, wherever the log is cut into batches.
   * @throws what makes the runner stop at the event, and try it again later: nothing is ever skipped.
   */
  apply(generation: Generation, batch: Batch): Promise<void>;
}

export interface Batch {
  readonly events: readonly Envelope[];
  /** How many events of the log came before: the first one's number, counted from 0, in every store and generation. */
  readonly ordinal: number;
}

/** One set of a projection's tables. A rebuild makes a new one beside that which answers queries. */
export interface Generation {
  readonly number: number;
  /** Queries name the tables plainly, and reach those of this generation. */
  readonly db: Kysely<unknown>;
  readonly sql: ReadModelSql;
}

/** A connection or transaction on which the projection's tables are those of one generation. */
export function generationOf(
  db: Kysely<unknown>,
  sql: ReadModelSql,
  projection: Projection,
  generation: number,
): Generation {
  return { number: generation, db: db.withPlugin(new TablesOfGeneration(projection, generation)), sql };
}

class TablesOfGeneration extends OperationNodeTransformer implements KyselyPlugin {
  readonly #names: ReadonlyMap<string, string>;

  constructor({ tables, search }: Projection, generation: number) {
    super();
    const names = [...tables, ...(search ? [search] : [])].map(({ name }) => name);
    this.#names = new Map(names.map((name) => [name, tableInGeneration(name, generation)]));
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
