import { ReadModelDatabaseError, ReadModelsUnavailableError } from './read-model-database.ts';
import type { Declarations, SchemaDefinition } from './schema-definition.ts';

/** The tables about projections. The tables of projections are created with each generation. */
export const READ_MODEL_SCHEMA: SchemaDefinition = {
  what: 'read-model database',
  letters: 'DOCR',
  versions: 'read_model_versions',
  known: 'projections',
  migrations(declarations) {
    const first = firstTables(declarations);
    // The first version on a server corresponds to the second one in files.
    return [...(declarations.isFile ? first : [first.join('')]), ...laterTables(declarations)];
  },
  oldestFile: 1,
  advice: '; delete it, and the next start folds it again from the log',
  Unusable: ReadModelDatabaseError,
  Unavailable: ReadModelsUnavailableError,
};

const firstTables = ({ text, integer, strict }: Declarations): string[] => [
  `
  create table projections (
    name ${text} primary key,
    live ${integer} not null,
    last_generation ${integer} not null,
    state ${text} not null,
    error ${text},
    error_position ${text},
    rebuild_requested ${integer} not null
  )${strict};
  create table generations (
    projection ${text} not null,
    generation ${integer} not null,
    version ${integer} not null,
    position ${text} not null,
    events ${integer} not null,
    updated_at ${text} not null,
    primary key (projection, generation)
  )${strict};`,
  `
  create table followers (
    name ${text} primary key,
    event_id ${text} not null
  )${strict};
  create table jobs (
    name ${text} primary key,
    started_at ${text} not null,
    finished_at ${text} not null,
    covered_to ${text},
    recorded ${integer} not null,
    error ${text}
  )${strict};`,
];

const laterTables = ({ text, integer, strict }: Declarations): string[] => [
  // These columns detect that the log is not the one that was folded.
  `
  alter table generations add column last_stream ${text};
  alter table generations add column last_version ${integer};
  alter table generations add column last_hash ${text};`,
  `
  drop table followers;
  create table followers (
    name ${text} primary key,
    position ${text} not null
  )${strict};`,
  // These statements store lost withdrawals, and distinguish an older backup from another log.
  `
  alter table generations add column first_hash ${text};
  create table lost_withdrawals (
    stream_id ${text} not null,
    id ${text} not null,
    pointers ${text},
    primary key (stream_id, id)
  )${strict};`,
  `alter table projections add column last_rebuild ${text};`,
  `
  create table processes (
    id ${text} primary key,
    kind ${text} not null,
    host ${text} not null,
    pid ${integer} not null,
    version ${text} not null,
    since ${text} not null,
    last_seen ${text} not null
  )${strict};`,
  `
  create table verifications (
    id ${text} primary key,
    asked_by ${text} not null,
    asked_at ${text} not null,
    heard_at ${text} not null,
    finished_at ${text},
    state ${text} not null,
    events ${integer} not null,
    total ${integer},
    outcome ${text}
  )${strict};`,
];
