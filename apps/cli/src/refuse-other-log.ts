import { messageOf } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { openStore } from '#platform/open-store';
import { parseReadModels } from '#platform/settings';
import type { StoreAddress } from '#platform/settings';
import { openReadModelsIfMade } from '#read-models/open-read-models';
import { lostWithdrawals } from '#read-models/lost-withdrawals';
import type { ReadModelDatabase } from '#read-models/read-model-database';
import { assertSameLog } from '#read-models/same-log';
import type { Terminal } from './terminal.ts';

const NOT_TO_BE_ASKED: readonly unknown[] = [
  'read-models-unusable',
  'read-models-unavailable',
  'read-models-damaged',
];

/** Whether an error says that the read models cannot be asked. */
export const isNotToBeAsked = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && NOT_TO_BE_ASKED.includes(error.code);

/**
 * What the read models have seen is not appended over, nor are texts given out that a redaction erased since: the log has lost it,
 * or is another one. That there are none, or that they cannot be asked, keeps nobody from what needs none.
 * @param readModelsAt what names the read models; where nothing does, they are beside the store.
 * @param store the store at the address, where it is open already.
 * @throws ReadModelsAheadError, NotCarriedOutError
 */
export async function refuseOtherLog(
  terminal: Terminal,
  address: StoreAddress,
  readModelsAt: string | undefined,
  store?: EventStore,
): Promise<void> {
  const readModels = parseReadModels(readModelsAt, address);
  await using open = new AsyncDisposableStack();
  try {
    const database = await openReadModelsIfMade(readModels);
    if (database === null) return;
    open.defer(() => database.close());
    const log = store ?? (await openStore(address, { create: false, readOnly: true }));
    if (store === undefined) open.defer(() => log.close());
    await assertSameLog(log, database);
    await assertCarriedOut(log, database);
  } catch (error) {
    if (!isNotToBeAsked(error)) throw error;
    terminal.warn(`Whether the read models follow this log could not be seen: ${messageOf(error)}`);
  }
}

/** The log has a text that was redacted in a later state of it, which was lost. */
class NotCarriedOutError extends Error {
  readonly code = 'read-models-ahead';
  override readonly name = 'NotCarriedOutError';
}

/** What was kept from a log whose end was lost is carried out before anything of this one is given out. */
async function assertCarriedOut(log: EventStore, database: ReadModelDatabase): Promise<void> {
  for (const { streamId, id, pointers } of await lostWithdrawals(database)) {
    if (pointers === null) continue;
    const [event] = await log.findEvents(streamId, [id]);
    if (event === undefined) continue;
    throw new NotCarriedOutError(
      `${pointers.join(', ')} of event ${id} of ${streamId} was redacted in a later state of this log, which was lost. ` +
        'Start the server once: it redacts it again (or docket rebuild --older-log, where the read models are ahead)',
    );
  }
}
