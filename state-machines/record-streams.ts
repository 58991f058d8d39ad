import type { Envelope } from '#event-sourcing/envelope';
import type { TypedEvent } from '#event-sourcing/typed-stream';
import { TypedStream } from '#event-sourcing/typed-stream';
import { identifier, list } from '#lifecycle/fields';
import type { Form } from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';
import { SLUG } from '#lifecycle/text-rules';

/** A record's id, as the register's references are formed; `.` and `..` are no part of a URL that arrives. */
export const RECORD_ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;
/** The id of a record that is there: one of several bodies' is `<id>.<body>`. */
export const ANY_RECORD_ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;

/** The short name of a body. */
export const BODY_SLUG: Form = {
  matches: SLUG,
  says: 'must be a slug: small letters, digits and dashes',
  names: 'bodies',
};

/** A record's stream. */
export const recordStream = (id: string): string => `recommendation-${id}`;

/** The record's id from its stream, or null for a stream of another kind. */
export const recordIdOf = (streamId: string): string | null =>
  streamId.startsWith('recommendation-') ? streamId.slice('recommendation-'.length) : null;

/** Where the API has a record. */
export const recordAddress = (id: string): string => `/api/recommendations/${encodeURIComponent(id)}`;

/** Holds an id that a recommendation to several bodies was issued under, so that no record takes it. It follows no lifecycle. */
export const issueStream = (issue: string): string => `issue-${issue}`;

export const ISSUE_SHAPES = {
  RecommendationsIssued: shape({
    issue: identifier('The id that it was issued under.'),
    recipients: list(identifier(), 'The bodies, each of which has a record of its own.'),
  }),
};

export type IssueEvent = TypedEvent<DataOf<typeof ISSUE_SHAPES>, Envelope>;

const events = new TypedStream<DataOf<typeof ISSUE_SHAPES>>(ISSUE_SHAPES);

/** The events of such a stream as they are read. */
export const asIssueEvents = (stored: readonly Envelope[]): readonly IssueEvent[] =>
  stored.map(events.asToday);

/** An event to append to such a stream. */
export const issueDraft = events.draft;
