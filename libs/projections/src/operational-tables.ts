import type { Declarations } from './schema-definition.ts';
import type { RowOf, TableDefinition } from './tables.ts';

/** The tables beside the sets of models: which sets there are, and what followers, processes and jobs have done. */
const OPERATIONAL_TABLES = {
  /** The sets of models at this place. At most one of each digest is live. */
  model_sets: {
    columns: {
      /** The last part of the name of its file or schema. */
      name: 'text',
      /** Part of the name. A later set has a higher number. */
      number: 'integer',
      /** The digest of the definitions of its tables. */
      digest: 'text',
      /** `live`, `building` beside the live one, or `replaced`, to be dropped. */
      state: 'text',
      /** The last time at which a process used it, by the database's clock. */
      heard_at: 'text',
    },
    key: 'name',
  },
  /** The bookmarks of followers. */
  followers: {
    columns: {
      name: 'text',
      /** The position of the last handled event. */
      position: 'text',
    },
    key: 'name',
  },
  /** The processes of the installation, with their last heartbeat. */
  processes: {
    columns: {
      id: 'text',
      kind: 'text',
      host: 'text',
      pid: 'integer',
      version: 'text',
      /** Times by the database's clock, because clocks of hosts differ. */
      since: 'text',
      last_seen: 'text',
    },
    key: 'id',
  },
  /** Requested verifications of the log. */
  verifications: {
    columns: {
      id: 'text',
      /** The requester's subject. */
      asked_by: 'text',
      /** The time of the request by the database's clock, as are the other times. */
      asked_at: 'text',
      /** The last heartbeat of the verifying process. */
      heard_at: 'text',
      finished_at: 'text or null',
      state: 'text',
      events: 'integer',
      /** The approximate number of events; null if not known yet. */
      total: 'integer or null',
      /** The result or the error, as JSON; null while the verification runs. */
      outcome: 'text or null',
    },
    key: 'id',
  },
  /** The last run of each job. */
  jobs: {
    columns: {
      name: 'text',
      started_at: 'text',
      finished_at: 'text',
      covered_to: 'text or null',
      recorded: 'integer',
      error: 'text or null',
    },
    key: 'name',
  },
} as const;

/** The table of a set of models beside those of projections. It has one row. */
const SET_TABLES = {
  bookmark: {
    columns: {
      id: 'integer',
      /** The position of the last folded event. */
      position: 'text',
      /** The number of folded events. */
      events: 'integer',
      /** The stream, version and hash of the last folded event; null before the first. They identify the folded log. */
      last_stream: 'text or null',
      last_version: 'integer or null',
      last_hash: 'text or null',
      /** The reason why folding stopped before the event at `error_position`. */
      error: 'text or null',
      error_position: 'text or null',
      /** 1 if queries may read the rows: the end of the log was reached once, and the indexes exist. */
      serves: 'integer',
      /** 1 if another set has replaced this one. */
      replaced: 'integer',
    },
    key: 'id',
  },
} as const;

type Tables = Readonly<Record<string, Pick<TableDefinition, 'columns' | 'key'>>>;
type Rows<Of extends Tables> = {
  -readonly [Name in keyof Of]: RowOf<Of[Name]['columns']>;
};

export interface OperationalTables extends Omit<Rows<typeof OPERATIONAL_TABLES>, 'model_sets'> {
  model_sets: Rows<typeof OPERATIONAL_TABLES>['model_sets'] & { state: 'live' | 'building' | 'replaced' };
}

export type SetTables = Rows<typeof SET_TABLES>;

/** Return the statements that create the tables. */
export const operationalTablesSql = (declarations: Declarations): string =>
  tablesSql(OPERATIONAL_TABLES, declarations);
export const setTablesSql = (declarations: Declarations): string =>
  `${tablesSql(SET_TABLES, declarations)}
insert into bookmark (id, position, events, serves, replaced) values (1, '0', 0, 0, 0);`;

const tablesSql = (tables: Tables, { text, integer, strict }: Declarations): string =>
  Object.entries(tables)
    .map(([name, { columns, key }]) => {
      const declared = Object.entries(columns).map(
        ([column, type]) =>
          `${column} ${type.startsWith('integer') ? integer : text}${type.endsWith('or null') ? '' : ' not null'}`,
      );
      return `create table ${name} (${declared.join(', ')}, primary key (${key}))${strict};`;
    })
    .join('\n');
