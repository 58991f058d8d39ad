import type { Envelope } from '#event-sourcing/envelope';
import { TypedStream } from '#event-sourcing/typed-stream';
import {
  count,
  counts,
  identifier,
  instant,
  object,
  oneOf,
  optional,
  ordinal,
  orNull,
  sha256,
} from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';

/** The audit trail: refused attempts and accesses, in one stream of each for every day. They belong to no record and follow no lifecycle. */
export const TRAIL_STREAMS = { refusals: 'refusals-', accesses: 'access-' } as const;
export type TrailName = keyof typeof TRAIL_STREAMS;

export const trailStream = (name: TrailName, day: string): string => TRAIL_STREAMS[name] + day;

export const isTrailStream = (streamId: string): boolean =>
  Object.values(TRAIL_STREAMS).some((prefix) => streamId.startsWith(prefix));

/** What people can access: a record as a file, the whole log, a record's internal parts. Packs have an event of their own. */
export const ACCESS_KINDS = ['export', 'log', 'internal'] as const;

const COUNTED = {
  subject: orNull(identifier('The person; null for all the others together.')),
  count: count(),
  from: instant('The first.'),
  to: instant('The last.'),
};

export const TRAIL_SHAPES = {
  /**
   * One refused attempt by the event's actor. Neither the payload nor the sentence of the answer is kept: both can contain what
   * a person wrote, and nothing of it could be erased from here.
   */
  CommandRefused: shape({
    command: orNull(identifier('As requested; null where it had not the form of a command.')),
    code: identifier("The problem's code."),
    guard: orNull(identifier('The guard that refused.')),
    record: orNull(identifier('The id of the record.')),
    kind: optional(identifier('The kind of the record; absent of a recommendation.')),
    seenVersion: orNull(ordinal("The record's version on which it was refused.")),
  }),
  /** Refusals beyond what is recorded one by one. */
  RefusalsCounted: shape({ ...COUNTED, codes: counts("How many of each problem's code.") }),
  /** Something that the event's actor received. Nothing that a person wrote is kept. */
  AccessRecorded: shape({
    kind: oneOf(ACCESS_KINDS, 'What it was: export, log or internal.'),
    streamId: orNull(identifier("The record's stream; null for the log.")),
    version: orNull(ordinal('Of an export, up to which version it goes.')),
    format: orNull(identifier('Of an export.')),
  }),
  /** Accesses beyond what is recorded one by one. */
  AccessesCounted: shape({ ...COUNTED, kinds: counts('How many of each kind.') }),
  /** An evidence pack of a record: at this place of the log the record ended at this version. */
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

export type TrailData = DataOf<typeof TRAIL_SHAPES>;

const events = new TypedStream<TrailData>(TRAIL_SHAPES, {
  PackMade: { 1: { data: (data) => ({ ...data, challenge: null }) } },
});

/** An event of such a stream as it is read. */
export const asTrailEvent = events.asToday;

/** An event to append to such a stream. */
export const trailDraft = events.draft;

const ACCESS = 'AccessRecorded' satisfies keyof TrailData;

/** Whether an event says that somebody read the log. */
export function saysLogWasRead(stored: Envelope): boolean {
  if (stored.type !== ACCESS) return false;
  const event = asTrailEvent(stored);
  return event.type === ACCESS && event.data.kind === 'log';
}

/** Whether such events are asked for, where these types are; null means all. */
export const asksForAccesses = (types: readonly string[] | null): boolean => types?.includes(ACCESS) === true;
