import { sql } from 'kysely';
import type { ExpressionBuilder, Transaction } from 'kysely';
import type { OutboxTables } from './outbox-database.ts';

/**
 * When a message is due that is behind another one in its order: never, until that one has ended. So whoever looks for what is
 * due does not come by all that waits for a receiver that fails. It is the last instant that a `Date` knows.
 */
export const BEHIND_ANOTHER = 8_640_000_000_000_000;

/** Whether another message comes before one in its order; one that is being sent is still there. */
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

/** Lets the next message of an order be sent, when the one before it has ended. */
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

/** What two processes, or two followers, intend is looked up and added by one after the other. */
export const lockFollowers = (trx: Transaction<OutboxTables>) =>
  trx.selectFrom('followers').select('name').orderBy('name').forUpdate().execute();
