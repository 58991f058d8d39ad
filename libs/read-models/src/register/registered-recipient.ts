import type { Kysely } from 'kysely';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { lookUpLive } from '#projections/read-live';
import { ReadModelMissingError } from '#projections/read-model-database';
import type { RegisterTables } from './register-projection.ts';
import type { RecordReference } from '#lifecycle/kind';
import { streamOf } from '#lifecycle/kind';

/** A record's body, the event that set it, and the version of the record at which this was known. */
interface RegisteredBody {
  readonly recipient: string | null;
  readonly recipientEvent: string | null;
  readonly version: number;
}

/** Returns a record's body and the version at which it was known; null if the register does not have the record yet or cannot be read. */
export async function registeredRecipient(
  database: ReadModelDatabase,
  reference: RecordReference,
): Promise<RegisteredBody | null> {
  try {
    return await lookUpLive(database, async ({ db }) => {
      const row = await (db as Kysely<RegisterTables>)
        .selectFrom('register')
        .select(['recipient', 'recipient_event as recipientEvent', 'version'])
        .where('stream', '=', streamOf(reference))
        .executeTakeFirst();
      return row ?? null;
    });
  } catch (error) {
    // Records are read from their streams, so an unavailable read model must not block access.
    if (error instanceof ReadModelMissingError || database.isTrouble(error)) return null;
    throw error;
  }
}
