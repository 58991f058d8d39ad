import { metaTablesSql } from './meta-tables.ts';
import { ReadModelDatabaseError, ReadModelsUnavailableError } from './read-model-database.ts';
import type { SchemaDefinition } from './schema-definition.ts';

/** The versions before the first released one. The numbers differ by the kind of database. */
const UNRELEASED = { file: 7, server: 6 };

/** The tables about projections. The tables of projections are created with each generation. */
export const READ_MODEL_SCHEMA: SchemaDefinition = {
  what: 'read-model database',
  letters: 'DOCR',
  versions: 'read_model_versions',
  known: 'projections',
  migrations: (declarations) => [
    ...Array<string>(UNRELEASED[declarations.isFile ? 'file' : 'server']).fill(''),
    metaTablesSql(declarations),
  ],
  oldestFile: UNRELEASED.file + 1,
  advice: '; delete it, and the next start folds it again from the log',
  Unusable: ReadModelDatabaseError,
  Unavailable: ReadModelsUnavailableError,
};
