import type { OutboxDatabase } from '#notifications/outbox/outbox-database';
import { listMessages, retryMessage } from '#notifications/outbox/outbox-list';
import type { OutboxPage, OutboxQuery } from '#notifications/outbox/outbox-list';
import type { Viewer } from '#state-machines/access';
import { RUNS_SERVICE } from '#state-machines/access';
import { requireRole } from '../call-context.ts';
import { ProblemError } from '../problems.ts';

/** Null if this process sends no messages. */
type Outbox = OutboxDatabase | null;

/**
 * Returns a page of the messages, newest first.
 * @throws ProblemError `role-not-permitted`; `not-found` if this process sends no messages; InvalidCursorError.
 */
export async function seeMessages(outbox: Outbox, viewer: Viewer, query: OutboxQuery): Promise<OutboxPage> {
  requireRole(viewer, RUNS_SERVICE);
  return listMessages(databaseOf(outbox), query);
}

/** Retries a message immediately. @throws ProblemError `role-not-permitted`, `not-found`, `already-delivered`. */
export async function requestRetry(outbox: Outbox, viewer: Viewer, id: string, now: number): Promise<void> {
  requireRole(viewer, RUNS_SERVICE);
  const message = await retryMessage(databaseOf(outbox), id, now);
  if (message === null)
    throw new ProblemError('not-found', 'There is no such message; GET /api/outbox lists them');
  if (message.state === 'delivered')
    throw new ProblemError('already-delivered', `The message was delivered at ${message.endedAt}`);
}

function databaseOf(outbox: Outbox): OutboxDatabase {
  if (outbox !== null) return outbox;
  throw new ProblemError(
    'not-found',
    'This process sends no messages because DOCKET_OUTBOX is off. Send the request to the process that does',
  );
}
