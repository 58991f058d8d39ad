import {
  CommonTableExpressionNameNode,
  CommonTableExpressionNode,
  OperationNodeTransformer,
  SchemableIdentifierNode,
  SelectQueryNode,
  sql,
  WithNode,
} from 'kysely';
import type { Kysely, KyselyPlugin, QueryId, RawBuilder, SqlBool, TableNode } from 'kysely';
import type { Envelope } from '#event-sourcing/envelope';
import type { Redaction } from '#event-sourcing/event-store';
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
  /** Returns, by table, what queries must hide until redactions are folded. */
  readonly withheld?: (
    redactions: readonly Redaction[],
    sql: ReadModelSql,
  ) => Readonly<Record<string, Withheld>>;
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

/** The replacements that hide values of a table. */
interface Withheld {
  /** The columns to replace. */
  readonly columns?: Readonly<Record<string, RawBuilder<unknown>>>;
  /** The condition of the rows to show. */
  readonly where?: RawBuilder<SqlBool>;
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
  /**
   * True if some redactions are not folded yet, and their values are hidden from queries. The search index may still
   * contain the values.
   */
  readonly isWithholding: boolean;
}

/**
 * Returns a connection or transaction whose table names resolve to one generation. It hides the values of redactions
 * that are not folded yet.
 */
export function generationOf(
  db: Kysely<unknown>,
  dialect: ReadModelSql,
  projection: Projection,
  generation: number,
  redactions: readonly Redaction[] = [],
): Generation {
  const withheld = redactions.length === 0 ? {} : (projection.withheld?.(redactions, dialect) ?? {});
  const plugin = new TablesOfGeneration(projection, generation, withheld);
  const isWithholding = Object.keys(withheld).length > 0;
  return { number: generation, db: db.withPlugin(plugin), sql: dialect, isWithholding };
}

class TablesOfGeneration extends OperationNodeTransformer implements KyselyPlugin {
  readonly #names: ReadonlyMap<string, string>;
  /** The replacements of the tables with hidden values. */
  readonly #shown: readonly CommonTableExpressionNode[];

  constructor(
    { tables, searches = [] }: Projection,
    generation: number,
    withheld: Readonly<Record<string, Withheld>>,
  ) {
    super();
    const stored = new Map(
      [...tables, ...searches].map(({ name }) => [name, tableInGeneration(name, generation)]),
    );
    const shown = tables.filter(({ name }) => Object.hasOwn(withheld, name));
    this.#names = new Map([...stored, ...shown.map(({ name }) => [name, `${name}_shown`] as const)]);
    this.#shown = shown.map((table) =>
      shownTable(table, stored.get(table.name) as string, withheld[table.name] as Withheld),
    );
  }

  transformQuery({ node, queryId }: Parameters<KyselyPlugin['transformQuery']>[0]): typeof node {
    const query = this.transformNode(node, queryId);
    const [first, ...more] = this.#shown;
    if (first === undefined) return query;
    if (!SelectQueryNode.is(query)) {
      throw new Error(
        'While redactions are not folded, read models can be queried only with the select builder',
      );
    }
    const own = query.with?.expressions ?? [];
    return { ...query, with: { ...WithNode.create(first), expressions: [first, ...more, ...own] } };
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

function shownTable(
  { name, columns }: TableDefinition,
  stored: string,
  withheld: Withheld,
): CommonTableExpressionNode {
  const selected = Object.keys(columns).map((column) => {
    const other = withheld.columns?.[column];
    return other === undefined ? sql.ref(column) : sql`${other} as ${sql.ref(column)}`;
  });
  const rows = withheld.where === undefined ? sql`` : sql` where ${withheld.where}`;
  return CommonTableExpressionNode.create(
    CommonTableExpressionNameNode.create(`${name}_shown`),
    sql`(select ${sql.join(selected)} from ${sql.raw(stored)}${rows})`.toOperationNode(),
  );
}
