import { transactionLockSql } from '#postgresql/versioned-schema';
import type { VersionedSchema } from '#postgresql/versioned-schema';

/** Keeps our advisory locks from those of the store, which is often in the same database. */
export const LOCK_LETTERS = 'DOCR';

/** What is known of the projections; their own tables come and go with their generations. */
export const READ_MODEL_SCHEMA: VersionedSchema = {
  what: 'read-model database',
  versions: 'read_model_versions',
  known: 'projections',
  lock: (schema) => transactionLockSql(LOCK_LETTERS, schema),
  migrations: [
    (schema) => `
    CREATE TABLE "${schema}".projections (
      name text COLLATE "C" PRIMARY KEY,
      live integer NOT NULL,
      last_generation integer NOT NULL,
      state text NOT NULL,
      error text,
      error_position text,
      rebuild_requested integer NOT NULL
    );
    CREATE TABLE "${schema}".generations (
      projection text COLLATE "C" NOT NULL,
      generation integer NOT NULL,
      version integer NOT NULL,
      position text NOT NULL,
      events bigint NOT NULL,
      updated_at text NOT NULL,
      PRIMARY KEY (projection, generation)
    );
    CREATE TABLE "${schema}".followers (
      name text COLLATE "C" PRIMARY KEY,
      event_id text NOT NULL
    );
    CREATE TABLE "${schema}".jobs (
      name text COLLATE "C" PRIMARY KEY,
      started_at text NOT NULL,
      finished_at text NOT NULL,
      covered_to text COLLATE "C",
      recorded bigint NOT NULL,
      error text
    );`,
    // By these it is noticed that the log is another than the one that was folded.
    (schema) => `
    ALTER TABLE "${schema}".generations
      ADD COLUMN last_stream text, ADD COLUMN last_version integer, ADD COLUMN last_hash text;`,
    (schema) => `
    DROP TABLE "${schema}".followers;
    CREATE TABLE "${schema}".followers (
      name text COLLATE "C" PRIMARY KEY,
      position text NOT NULL
    );`,
    // What was withdrawn outlives the end of a log that was lost; and an older backup is told from another log.
    (schema) => `
    ALTER TABLE "${schema}".generations ADD COLUMN first_hash text;
    CREATE TABLE "${schema}".lost_withdrawals (
      stream_id text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      pointers text,
      PRIMARY KEY (stream_id, id)
    );`,
    (schema) => `ALTER TABLE "${schema}".projections ADD COLUMN last_rebuild text;`,
    (schema) => `
    CREATE TABLE "${schema}".processes (
      id text COLLATE "C" PRIMARY KEY,
      kind text NOT NULL,
      host text NOT NULL,
      pid integer NOT NULL,
      version text NOT NULL,
      since text NOT NULL,
      last_seen text COLLATE "C" NOT NULL
    );`,
    (schema) => `
    CREATE TABLE "${schema}".verifications (
      id text COLLATE "C" PRIMARY KEY,
      asked_by text NOT NULL,
      asked_at text COLLATE "C" NOT NULL,
      heard_at text NOT NULL,
      finished_at text,
      state text NOT NULL,
      events integer NOT NULL,
      total integer,
      outcome text
    );`,
  ],
};
