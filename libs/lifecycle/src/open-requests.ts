import type { FoldedEvent } from './folded-event.ts';
import type { Notice, Notices } from './notices.ts';

/** A request that waits for a decision. */
export interface OpenRequest {
  readonly eventId: string;
  /** What waits, by its name in the summary. */
  readonly wait: string;
  /** Who requested it. */
  readonly subject: string;
  /** What it is about, where several can wait beside each other; null where its event alone tells it from others. */
  readonly about: string | null;
}

/** The requests that wait after an event, and those that it answered. */
export interface AfterEvent {
  readonly open: readonly OpenRequest[];
  readonly answered: readonly OpenRequest[];
}

type SaidEvent = Pick<FoldedEvent, 'eventId' | 'type' | 'data' | 'actor'>;

export const noticeOf = (
  notices: Notices | undefined,
  { type }: Pick<FoldedEvent, 'type'>,
): Notice | undefined => (notices && Object.hasOwn(notices, type) ? notices[type] : undefined);

/**
 * What an event does to the requests that wait. A decision answers those that it names, and one that names none all that are about the
 * same; a request takes the place of one about the same.
 */
export function openAfter(
  open: readonly OpenRequest[],
  event: SaidEvent,
  notice: Notice | undefined,
): AfterEvent {
  if (notice?.asks === undefined && notice?.answers === undefined) return { open, answered: [] };
  const about = aboutOf(event, notice);
  const { decides: named } = event.data;
  const isAnswered = (request: OpenRequest): boolean =>
    request.wait === notice.answers &&
    (Array.isArray(named) ? named.includes(request.eventId) : about === null || request.about === about);
  const isReplaced = (request: OpenRequest): boolean =>
    request.wait === notice.asks && about !== null && request.about === about;
  const { eventId, actor } = event;
  return {
    answered: open.filter(isAnswered),
    open: [
      ...open.filter((request) => !isAnswered(request) && !isReplaced(request)),
      ...(notice.asks === undefined ? [] : [{ eventId, wait: notice.asks, subject: actor.subject, about }]),
    ],
  };
}

/** What a request, or what answers one, is about. */
export function aboutOf({ data }: Pick<FoldedEvent, 'data'>, { about }: Notice): string | null {
  const said = about === undefined ? undefined : data[about];
  return typeof said === 'string' ? said : null;
}
