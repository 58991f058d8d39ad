import type { Kysely } from 'kysely';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { lookUpLive } from '#projections/read-live';
import { ReadModelMissingError } from '#projections/read-model-database';
import { registerProjection } from './register-projection.ts';
import type { RegisterTables } from './register-projection.ts';
import type { RecordReference } from '#lifecycle/kind';
import { streamOf } from '#lifecycle/kind';

/** Nothing that can be redacted is asked: the log need not be asked either. */
const { withheld: _, ...recipients } = registerProjection;

/** The body of a record, the event that names it, and up to which version of the record that is known. */
interface RegisteredBody {
  readonly recipient: string | null;
  readonly recipientEvent: string | null;
  readonly version: number;
}

/** The body that a record is for, and up to which version of the record that is known; null where the register has no such record yet, or cannot be read. */
export async function registeredRecipient(
  database: ReadModelDatabase,
  reference: RecordReference,
): Promise<RegisteredBody | null> {
  try {
    return await lookUpLive(database, recipients, async ({ db }) => {
      const row = await (db as Kysely<RegisterTables>)
        .selectFrom('register')
        .select(['recipient', 'recipient_event as recipientEvent', 'version'])
        .where('stream', '=', streamOf(reference))
        .executeTakeFirst();
      return row ?? null;
    });
  } catch (error) {
    // A record is read from its stream: read models that cannot be read keep nobody from it.
    if (error instanceof ReadModelMissingError || database.isTrouble(error)) return null;
    throw error;
  }
}
