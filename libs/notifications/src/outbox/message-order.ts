import { sql } from 'kysely';
import type { ExpressionBuilder, Transaction } from 'kysely';
import type { OutboxTables } from './outbox-database.ts';

/**
 * The due time of a message behind another one in its order, until that one has ended. It is the latest
 * instant of a `Date`, so that a query for due messages skips all that wait for a failing receiver.
 */
export const BEHIND_ANOTHER = 8_640_000_000_000_000;

/** Matches a message that has a waiting or leased message before it in its order. */
export const isBehindAnother = (eb: ExpressionBuilder<OutboxTables, 'messages'>) =>
  eb.exists(
    eb
      .selectFrom('messages as earlier')
      .select('earlier.number')
      .where('earlier.state', '=', sql.lit('waiting'))
      .where('earlier.orderKey', 'is not', null)
      .whereRef('earlier.receiver', '=', 'messages.receiver')
      .whereRef('earlier.orderKey', '=', 'messages.orderKey')
      .whereRef('earlier.number', '<', 'messages.number'),
  );

/** Makes the next message of an order due, after the previous one has ended. */
export const goOn = (
  trx: Transaction<OutboxTables>,
  { receiver, orderKey }: { readonly receiver: string; readonly orderKey: string },
  now: number,
) =>
  trx
    .updateTable('messages')
    .set({ dueAt: now })
    .where('number', '=', (eb) =>
      eb
        .selectFrom('messages as next')
        .select('next.number')
        .where('next.state', '=', sql.lit('waiting'))
        .where('next.receiver', '=', receiver)
        .where('next.orderKey', '=', orderKey)
        .orderBy('next.number')
        .limit(1),
    )
    .where('dueAt', '=', BEHIND_ANOTHER)
    .execute();

/** Serialises followers and processes, so that each reads and adds messages in turn. */
export const lockFollowers = (trx: Transaction<OutboxTables>) =>
  trx.selectFrom('followers').select('name').orderBy('name').forUpdate().execute();
