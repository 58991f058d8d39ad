import type { Envelope } from '#event-sourcing/envelope';
import type { TypedEvent } from '#event-sourcing/typed-stream';
import { TypedStream } from '#event-sourcing/typed-stream';
import { identifier, list } from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';

/**
 * The events of an issue that creates several records. Their stream reserves the id of the issue, and follows no
 * lifecycle.
 */
export const ISSUE_SHAPES = {
  RecommendationsIssued: shape({
    issue: identifier('The id of the issue.'),
    recipients: list(identifier(), 'The bodies; each has a record of its own.'),
  }),
};

type IssueEvent = TypedEvent<DataOf<typeof ISSUE_SHAPES>, Envelope>;

const events = new TypedStream<DataOf<typeof ISSUE_SHAPES>>(ISSUE_SHAPES);

/** Returns the events of such a stream, typed. */
export const asIssueEvents = (stored: readonly Envelope[]): readonly IssueEvent[] => stored.map(events.read);

/** Returns a draft of an event of such a stream. */
export const issueDraft = events.draft;
