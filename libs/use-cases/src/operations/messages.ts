import type { OutboxDatabase } from '#notifications/outbox/outbox-database';
import { listMessages, retryMessage } from '#notifications/outbox/outbox-list';
import type { OutboxPage, OutboxQuery } from '#notifications/outbox/outbox-list';
import type { Viewer } from '#state-machines/access';
import { RUNS_SERVICE } from '#state-machines/access';
import { requireRole } from '../call-context.ts';
import { ProblemError } from '../problems.ts';

/**
 * Returns a page of the messages, newest first.
 * @throws ProblemError `role-not-permitted`; InvalidCursorError.
 */
export async function seeMessages(
  outbox: OutboxDatabase,
  viewer: Viewer,
  query: OutboxQuery,
): Promise<OutboxPage> {
  requireRole(viewer, RUNS_SERVICE);
  return listMessages(outbox, query);
}

/** Retries a message immediately. @throws ProblemError `role-not-permitted`, `not-found`, `already-delivered`. */
export async function requestRetry(
  outbox: OutboxDatabase,
  viewer: Viewer,
  id: string,
  now: number,
): Promise<void> {
  requireRole(viewer, RUNS_SERVICE);
  const message = await retryMessage(outbox, id, now);
  if (message === null) throw new ProblemError('not-found', 'There is no such message');
  if (message.state === 'delivered')
    throw new ProblemError('already-delivered', `The message was delivered at ${message.endedAt}`);
}
