import type { Envelope } from '#event-sourcing/envelope';
import type { TypedEvent } from '#event-sourcing/typed-stream';
import { TypedStream } from '#event-sourcing/typed-stream';
import {
  count,
  counts,
  identifier,
  instant,
  object,
  oneOf,
  ordinal,
  orNull,
  sha256,
} from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';

/** What was given out on a day, in a stream of its own: it belongs to no record and follows no lifecycle. */
export const accessStream = (day: string): string => `access-${day}`;

export const isAccessStream = (streamId: string): boolean => streamId.startsWith('access-');

/** What can be given out: a record as a file, the whole log, a record's internal parts. Packs have an event of their own. */
export const ACCESS_KINDS = ['export', 'log', 'internal'] as const;
export type AccessKind = (typeof ACCESS_KINDS)[number];

export const ACCESS_SHAPES = {
  /** Something that was given out; who got it is the event's actor. Nothing that a person wrote is kept. */
  AccessRecorded: shape({
    kind: oneOf(ACCESS_KINDS, 'What was given out: export, log or internal.'),
    streamId: orNull(identifier("The record's stream; null for the log.")),
    version: orNull(ordinal('Of an export, up to which version it goes.')),
    format: orNull(identifier('Of an export.')),
  }),
  /** What was given out beyond what is recorded one by one. */
  AccessesCounted: shape({
    subject: orNull(identifier('Who was given it; null for all the others together.')),
    count: count(),
    from: instant('The first.'),
    to: instant('The last.'),
    kinds: counts('How many of each kind.'),
  }),
  /** That an evidence pack was made of a record as it stood: at this place of the log it ended at this version. */
  PackMade: shape(
    {
      streamId: identifier("The record's stream."),
      version: ordinal('Where the record ended.'),
      hash: sha256('The hash of its last event.'),
      withheld: object(
        { count: count(), sha256: sha256() },
        'How many values were withheld, and SHA-256 of the list of them.',
      ),
      challenge: orNull(
        identifier(
          'The text that came with the request; null without one. The first events of this type lack it.',
        ),
      ),
    },
    2,
  ),
};

export type AccessEventData = DataOf<typeof ACCESS_SHAPES>;
export type RecordedAccess = AccessEventData['AccessRecorded'];
export type CountedAccesses = AccessEventData['AccessesCounted'];
export type AccessEvent = TypedEvent<AccessEventData, Envelope>;

const events = new TypedStream<AccessEventData>(ACCESS_SHAPES, {
  PackMade: { 1: { data: (data) => ({ ...data, challenge: null }) } },
});

/** An event of such a stream as it is read. */
export const asAccessEvent = events.asToday;

const RECORDED = 'AccessRecorded' satisfies keyof AccessEventData;

/** Whether an event says that somebody read the log. */
export function saysLogWasRead(event: Envelope): boolean {
  if (event.type !== RECORDED) return false;
  const access = asAccessEvent(event);
  return access.type === RECORDED && access.data.kind === 'log';
}

/** Whether such events are asked for, where these types are; null means all. */
export const asksForAccesses = (types: readonly string[] | null): boolean =>
  types?.includes(RECORDED) === true;

/** An event to append to such a stream. */
export const accessDraft = events.draft;
