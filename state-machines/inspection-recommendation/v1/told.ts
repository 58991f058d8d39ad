import type { Envelope } from '../../../libs/event-sourcing/src/envelope.ts';

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
