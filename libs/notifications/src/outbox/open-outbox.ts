import type { PostgresqlAddress } from '#postgresql/address';
import { OutboxUnusableError } from './outbox-database.ts';
import type { OutboxDatabase } from './outbox-database.ts';
import { openPostgresqlOutbox } from './postgresql-outbox.ts';
import { openSqliteOutbox, outboxExists } from './sqlite-outbox.ts';

/** Where an outbox is: in a file of this machine, on a server that several nodes share, or gone with the process. */
export type OutboxAddress =
  | { readonly kind: 'sqlite'; readonly path: string }
  | ({ readonly kind: 'postgresql' } & PostgresqlAddress)
  | { readonly kind: 'memory' };

/**
 * Opens the outbox at an address, made where it is missing.
 * @throws OutboxUnusableError
 */
export async function openOutbox(address: OutboxAddress): Promise<OutboxDatabase> {
  if (address.kind !== 'postgresql') {
    return openSqliteOutbox(address.kind === 'memory' ? ':memory:' : address.path, { create: true });
  }
  const made = await openPostgresqlOutbox(address, { create: true });
  if (made === null) throw new OutboxUnusableError(address.shown, 'was removed while it was opened');
  return made;
}

/**
 * Opens the outbox at an address where there is one: null where nobody was told of anything yet.
 * @throws OutboxUnusableError
 */
export async function openOutboxIfMade(address: OutboxAddress): Promise<OutboxDatabase | null> {
  switch (address.kind) {
    case 'sqlite':
      return outboxExists(address.path) ? openSqliteOutbox(address.path, { create: false }) : null;
    case 'postgresql':
      return openPostgresqlOutbox(address, { create: false });
    case 'memory':
      return null;
  }
}
