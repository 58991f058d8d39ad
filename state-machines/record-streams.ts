import type { Envelope } from '#event-sourcing/envelope';
import { streamDraft } from '#event-sourcing/event-store';
import type { EventDraft } from '#event-sourcing/event-store';
import type { TypedEvent } from '#event-sourcing/typed-event';
import { EventShapes } from '#event-sourcing/upcasting';

/** A record's stream. */
export const recordStream = (id: string): string => `recommendation-${id}`;

/** The record's id from its stream, or null for a stream of another kind. */
export const recordIdOf = (streamId: string): string | null =>
  streamId.startsWith('recommendation-') ? streamId.slice('recommendation-'.length) : null;

/** Where the API has a record. */
export const recordAddress = (id: string): string => `/api/recommendations/${encodeURIComponent(id)}`;

/** Holds an id that a recommendation to several bodies was issued under, so that no record takes it. It follows no lifecycle. */
export const issueStream = (issue: string): string => `issue-${issue}`;

/** What the events of such a stream say. */
export type IssueEventData = {
  readonly RecommendationsIssued: {
    /** The id that it was issued under. */
    readonly issue: string;
    /** The bodies, each of which has a record of its own. */
    readonly recipients: readonly string[];
  };
};

export type IssueEvent = TypedEvent<IssueEventData, Envelope>;

const shapes = new EventShapes(
  { RecommendationsIssued: { schemaVersion: 1 } } satisfies Record<keyof IssueEventData, unknown>,
  {},
);

/**
 * The events of such a stream as they are read: in today's shape, and typed; nothing but `recommendationsIssued` is appended to it.
 * @throws UnknownShapeError
 */
export const asIssueEvents = (stored: readonly Envelope[]): readonly IssueEvent[] =>
  stored.map((event) => shapes.asToday(event) as IssueEvent);

export const recommendationsIssued = (
  data: IssueEventData['RecommendationsIssued'],
  effectiveOn: string,
): EventDraft => streamDraft('RecommendationsIssued', data, effectiveOn);
