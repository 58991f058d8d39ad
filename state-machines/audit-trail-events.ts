import type { Envelope } from '#event-sourcing/envelope';
import { TypedStream } from '#event-sourcing/typed-stream';
import {
  count,
  identifier,
  instant,
  list,
  object,
  oneOf,
  optional,
  ordinal,
  orNull,
  sha256,
} from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';

/**
 * The prefixes of the audit trail's streams: one stream of refused attempts and one of accesses for each day. They
 * belong to no record and follow no lifecycle.
 */
export const TRAIL_STREAMS = { refusals: 'refusals-', accesses: 'access-' } as const;
export type TrailName = keyof typeof TRAIL_STREAMS;

export const trailStream = (name: TrailName, day: string): string => TRAIL_STREAMS[name] + day;

export const isTrailStream = (streamId: string): boolean =>
  Object.values(TRAIL_STREAMS).some((prefix) => streamId.startsWith(prefix));

/**
 * The kinds of access: a record as a file, the whole log, a record's internal parts. Packs have their own event type.
 */
export const ACCESS_KINDS = ['export', 'log', 'internal'] as const;

export const TRAIL_SHAPES = {
  /**
   * A refused attempt by the event's actor, without the payload and the response's message: both can contain personal
   * text, which could not be erased here.
   */
  CommandRefused: shape({
    command: orNull(identifier('The requested command; null if there is no such command.')),
    code: identifier("The problem's code."),
    guard: orNull(identifier('The guard that refused the command.')),
    record: orNull(identifier('The id of the record.')),
    kind: optional(identifier('The kind of the record; absent for recommendations.')),
    seenVersion: orNull(ordinal('The version of the record at the refusal.')),
  }),
  /** An access by the event's actor, without any text written by people. */
  AccessRecorded: shape({
    kind: oneOf(ACCESS_KINDS, 'The kind of access: export, log or internal.'),
    streamId: orNull(identifier("The record's stream; null for the log.")),
    version: orNull(
      ordinal('For an export, the last version of the record that it contains; null for other accesses.'),
    ),
    format: orNull(identifier('The format of an export; null for other accesses.')),
  }),
  /** An evidence pack of a record, with the record's last version and that version's position in the log. */
  PackMade: shape({
    streamId: identifier("The record's stream."),
    version: ordinal('The last version of the record.'),
    hash: sha256("The hash of the record's last event."),
    withheld: object(
      { count: count(), sha256: sha256() },
      'The number of withheld values, and the SHA-256 of their list.',
    ),
    adoptions: list(
      object({
        recordedAt: instant('When the operator adopted the store.'),
        reason: identifier('The reason, in words.'),
        lost: orNull(
          object(
            { size: count(), root: identifier('The root hash, in base64.') },
            'The last checkpoint that the store lost; null if it lost none.',
          ),
        ),
      }),
      'The adoptions of a store, such as a restored backup, in the order of the log.',
    ),
  }),
};

export type TrailData = DataOf<typeof TRAIL_SHAPES>;

const events = new TypedStream<TrailData>(TRAIL_SHAPES);

/** Returns an event of the audit trail, typed. */
export const asTrailEvent = events.read;

export const trailDraft = events.draft;

const ACCESS = 'AccessRecorded' satisfies keyof TrailData;

/** Returns whether an event records an access to the log. */
export function isLogAccess(stored: Envelope): boolean {
  if (stored.type !== ACCESS) return false;
  const event = asTrailEvent(stored);
  return event.type === ACCESS && event.data.kind === 'log';
}

/** Returns whether a filter by event types includes accesses explicitly. */
export const includesAccesses = (types: readonly string[] | null): boolean =>
  types?.includes(ACCESS) === true;
