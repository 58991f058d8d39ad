import { messageOf, StoreDamagedError, StoreUnavailableError } from '#event-sourcing/errors';
import type { DamagedPlace } from '#event-sourcing/errors';
import { sqliteCode } from './database.ts';

export const NOWHERE: DamagedPlace = { position: null, streamId: null, version: null };

const DAMAGE = /^SQLITE_(?:CORRUPT|NOTADB)/;

/** Returns the port's error for an error of SQLite. Damage is permanent; any other error may be temporary. */
export function sqliteTrouble(
  done: 'read' | 'written',
  error: unknown,
  from: DamagedPlace = NOWHERE,
): StoreDamagedError | StoreUnavailableError {
  const message = messageOf(error);
  return DAMAGE.test(sqliteCode(error) ?? '')
    ? new StoreDamagedError(from, `its file cannot be ${done} there or after it: ${message}`, {
        cause: error,
      })
    : new StoreUnavailableError(
        `the event store cannot be ${done}: ${message} (${sqliteCode(error) ?? 'unknown'})`,
        {
          cause: error,
        },
      );
}
