import { metaTablesSql } from './meta-tables.ts';
import { ReadModelDatabaseError, ReadModelsUnavailableError } from './read-model-database.ts';
import type { SchemaDefinition } from './schema-definition.ts';

/** The tables about projections. The tables of projections are created with each generation. */
export const READ_MODEL_SCHEMA: SchemaDefinition = {
  what: 'read-model database',
  letters: 'DOCR',
  versions: 'read_model_versions',
  known: 'projections',
  version: 9,
  tables: metaTablesSql,
  advice: '; delete it, and the next start folds it again from the log',
  Unusable: ReadModelDatabaseError,
  Unavailable: ReadModelsUnavailableError,
};
