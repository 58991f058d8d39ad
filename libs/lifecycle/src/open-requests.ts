import type { FoldedEvent } from './folded-event.ts';
import type { Notice, Notices } from './notices.ts';

/** A request waiting for a decision. */
export interface OpenRequest {
  readonly eventId: string;
  /** The name of the request in the summary. */
  readonly wait: string;
  /** The requester. */
  readonly subject: string;
  /** The subject, if several requests can be open at once; null if the event alone identifies the request. */
  readonly about: string | null;
}

/** The requests that are open after an event, and those that it answered. */
export interface AfterEvent {
  readonly open: readonly OpenRequest[];
  readonly answered: readonly OpenRequest[];
}

type RequestEvent = Pick<FoldedEvent, 'eventId' | 'type' | 'data' | 'actor'>;

export const noticeOf = (
  notices: Notices | undefined,
  { type }: Pick<FoldedEvent, 'type'>,
): Notice | undefined => (notices && Object.hasOwn(notices, type) ? notices[type] : undefined);

/**
 * Returns the requests after an event. A decision answers the requests that it names, or all with the same subject if
 * it names none. A request replaces an earlier one with the same subject.
 */
export function openAfter(
  open: readonly OpenRequest[],
  event: RequestEvent,
  notice: Notice | undefined,
): AfterEvent {
  if (notice?.opens === undefined && notice?.answers === undefined) return { open, answered: [] };
  const about = aboutOf(event, notice);
  const { decides: named } = event.data;
  const isAnswered = (request: OpenRequest): boolean =>
    request.wait === notice.answers &&
    (Array.isArray(named) ? named.includes(request.eventId) : about === null || request.about === about);
  const isReplaced = (request: OpenRequest): boolean =>
    request.wait === notice.opens && about !== null && request.about === about;
  const { eventId, actor } = event;
  return {
    answered: open.filter(isAnswered),
    open: [
      ...open.filter((request) => !isAnswered(request) && !isReplaced(request)),
      ...(notice.opens === undefined ? [] : [{ eventId, wait: notice.opens, subject: actor.subject, about }]),
    ],
  };
}

/** Returns the subject of a request, or of an answer to one. */
export function aboutOf({ data }: Pick<FoldedEvent, 'data'>, { about }: Notice): string | null {
  const subject = about === undefined ? undefined : data[about];
  return typeof subject === 'string' ? subject : null;
}
