import { operationalTablesSql, setTablesSql } from './operational-tables.ts';
import { ReadModelDatabaseError, ReadModelsUnavailableError } from './read-model-database.ts';
import type { SchemaDefinition } from './schema-definition.ts';

/** The operational tables. */
export const READ_MODEL_SCHEMA: SchemaDefinition = {
  what: 'read-model database',
  letters: 'DOCR',
  versions: 'read_model_versions',
  known: 'model_sets',
  version: 10,
  tables: operationalTablesSql,
  advice: '; delete it, and the next start folds it again from the log',
  Unusable: ReadModelDatabaseError,
  Unavailable: ReadModelsUnavailableError,
};

/** The file of a set of models. The tables of projections are created after these. */
export const SET_FILE_SCHEMA: SchemaDefinition = {
  ...READ_MODEL_SCHEMA,
  what: 'set of read models',
  letters: 'DOCM',
  version: 1,
  tables: setTablesSql,
};
