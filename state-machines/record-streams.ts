import type { Envelope } from '#event-sourcing/envelope';
import type { TypedEvent } from '#event-sourcing/typed-stream';
import { TypedStream } from '#event-sourcing/typed-stream';
import { pathOf, RecordKinds, streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { identifier, list } from '#lifecycle/fields';
import type { Form } from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';
import { SLUG } from '#lifecycle/text-rules';
import { recommendation, recommendationOf } from './inspection-recommendation/kind.ts';

/** The id of a record that is there: one of several bodies' is `<id>.<body>`. */
export const ANY_RECORD_ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;

/** The short name of a body. */
export const BODY_SLUG: Form = {
  matches: SLUG,
  says: 'must be a slug: small letters, digits and dashes',
  names: 'bodies',
};

/** What streams of other things begin with, and paths of other pages and routes: no kind of record has them. */
const RESERVED = {
  streams: ['access', 'bodies', 'checkpoints', 'clock', 'person', 'refusals'],
  paths:
    'accessibility account api assets audit checkpoint deadlines health help imports metrics operations people searches sign-in sign-out signed-in signed-out statistics tile work'.split(
      ' ',
    ),
};

/** The kinds of records of this build: one line for each. */
export const kinds = new RecordKinds([recommendation], RESERVED);

/** A recommendation. */
export const recordOf = (id: string): RecordReference => recommendationOf(id);

/** The kind of a record as an event of another stream tells it: the kind that there was alone is what is meant where none is told. */
export const kindTold = ({ kind }: RecordReference): { readonly kind?: string } =>
  kind.name === recommendation.name ? {} : { kind: kind.name };

/** The stream of a recommendation. */
export const recordStream = (id: string): string => streamOf(recordOf(id));

/** A recommendation's id from its stream, or null for a stream of something else. */
export function recordIdOf(streamId: string): string | null {
  const record = kinds.ofStream(streamId);
  return record?.kind === recommendation ? record.id : null;
}

/** Where a recommendation is among the pages, and below `/api`. */
export const pathOfRecord = (id: string): string => pathOf(recommendationOf(id));
export const recordAddress = (id: string): string => `/api${pathOfRecord(id)}`;

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
