import type { Declarations } from './schema-definition.ts';
import type { RowOf } from './tables.ts';

/**
 * The tables about projections, followers, processes and jobs. The rows of projections are in the tables of
 * generations.
 */
const META_TABLES = {
  projections: {
    columns: {
      name: 'text',
      /** The number of the generation that queries read. */
      live: 'integer',
      /** The highest generation number so far; numbers are not reused. */
      last_generation: 'integer',
      state: 'text',
      /** The reason why the projection or its last rebuild stopped. */
      error: 'text or null',
      error_position: 'text or null',
    },
    key: 'name',
  },
  generations: {
    columns: {
      projection: 'text',
      generation: 'integer',
      version: 'integer',
      /** The bookmark: the position of the last folded event. */
      position: 'text',
      /** The number of folded events. */
      events: 'integer',
      /** The stream, version and hash of the last folded event; null before the first. They identify the folded log. */
      last_stream: 'text or null',
      last_version: 'integer or null',
      last_hash: 'text or null',
      /** The hash of the log's first event; null before it. It distinguishes an older backup from another log. */
      first_hash: 'text or null',
      updated_at: 'text',
    },
    key: 'projection, generation',
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

type Rows = {
  -readonly [Name in keyof typeof META_TABLES]: RowOf<(typeof META_TABLES)[Name]['columns']>;
};

export interface MetaTables extends Omit<Rows, 'projections'> {
  projections: Rows['projections'] & { state: 'running' | 'stuck' };
}

/** Returns the statements that create the tables. */
export const metaTablesSql = ({ text, integer, strict }: Declarations): string =>
  Object.entries(META_TABLES)
    .map(([name, { columns, key }]) => {
      const declared = Object.entries(columns).map(
        ([column, type]) =>
          `${column} ${type.startsWith('integer') ? integer : text}${type.endsWith('or null') ? '' : ' not null'}`,
      );
      return `create table ${name} (${declared.join(', ')}, primary key (${key}))${strict};`;
    })
    .join('\n');
