import type { Envelope, JsonObject, JsonValue } from '#event-sourcing/envelope';

import { isInternalComment } from './record.ts';

type Told = Pick<Envelope, 'type' | 'data' | 'commitments'>;

/** What people give as a ground of what they do; null where it was erased or is withheld, absent where none was given. */
export interface Grounds {
  /** In words, or a code that was chosen. */
  readonly reason?: string | null;
  readonly statement?: string | null;
  readonly note?: string | null;
}

const GROUNDS = ['reason', 'statement', 'note'] as const;

export function groundsOf({ data, commitments }: Told): Grounds {
  const given = GROUNDS.map((member) => {
    const value = data[member];
    if (typeof value === 'string') return [member, value] as const;
    return Object.hasOwn(commitments, `/data/${member}`) ? ([member, null] as const) : null;
  });
  return Object.fromEntries(given.filter((each) => each !== null));
}

/** The deadlines, records and events that an event names, by their ids. */
export interface NamedIds {
  readonly deadlineId?: string;
  /** The record that takes this one's place. */
  readonly supersededBy?: string;
  /** The record whose place this one takes. */
  readonly supersedes?: string;
  /** The events that a decision is about. */
  readonly decides?: readonly string[];
  /** The comment that was cut off, and is here in full. */
  readonly completes?: string;
  /** The event of which something was erased. */
  readonly redacts?: string;
}

export function namedIds({ type, data }: Told): NamedIds {
  const { deadlineId, supersededBy, supersedes, decides, completes, eventId } = data;
  return {
    ...(typeof deadlineId === 'string' && { deadlineId }),
    ...(typeof supersededBy === 'string' && { supersededBy }),
    ...(typeof supersedes === 'string' && { supersedes }),
    ...(Array.isArray(decides) && { decides: decides as readonly string[] }),
    ...(typeof completes === 'string' && { completes }),
    ...(type === 'CommentRedacted' && typeof eventId === 'string' && { redacts: eventId }),
  };
}

/** What else an event says, by the members of its data; a text is null where it was erased or is withheld. */
export interface Particulars {
  readonly owner?: string | null;
  readonly recipient?: string;
  /** A status of a register that is none of the four. */
  readonly unknownStatus?: string | null;
  /** Of a response: which it takes, whether it came late, and where it was published otherwise. */
  readonly position?: string;
  readonly late?: boolean;
  readonly publishedElsewhere?: string | null;
  /** Of a deadline. */
  readonly kind?: string;
  readonly dueOn?: string;
  readonly suggestedOn?: string;
  /** The names of what was submitted. */
  readonly evidence?: readonly (string | null)[];
  readonly visibility?: 'public' | 'internal';
  /** The pointers of what a redaction took. */
  readonly erased?: readonly string[];
}

const PLAIN = ['recipient', 'position', 'kind', 'dueOn', 'suggestedOn'] as const;

export function particularsOf(event: Told): Particulars {
  const { type, data, commitments } = event;
  const { late, items, erased } = data;
  const given = (member: string): string | null | undefined => {
    const value = data[member];
    if (typeof value === 'string') return value;
    return Object.hasOwn(commitments, `/data/${member}`) ? null : undefined;
  };
  const [owner, publishedElsewhere, unknownStatus] = ['owner', 'publishedElsewhere', 'status'].map(given);
  return {
    ...Object.fromEntries(
      PLAIN.flatMap((member) => (given(member) == null ? [] : [[member, given(member)]])),
    ),
    ...(owner !== undefined && { owner }),
    ...(publishedElsewhere !== undefined && { publishedElsewhere }),
    ...(type === 'UnknownStatusRecorded' && unknownStatus !== undefined && { unknownStatus }),
    ...(typeof late === 'boolean' && { late }),
    ...(Array.isArray(items) && { evidence: items.map(nameOf) }),
    ...(type === 'CommentAdded' && { visibility: isInternalComment(event) ? 'internal' : 'public' }),
    ...(type === 'CommentRedacted' && Array.isArray(erased) && { erased: erased.map(String) }),
  };
}

const nameOf = (item: JsonValue): string | null => {
  const name = (item as JsonObject | null)?.['name'];
  return typeof name === 'string' ? name : null;
};
