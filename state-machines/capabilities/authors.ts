import type { Fold } from '#lifecycle/capability';
import { ISSUE_COMMAND } from '#lifecycle/issue';
import type { Shapes } from '#lifecycle/shapes';
import { isSamePerson, personOf } from './persons.ts';

/** Something that an event wrote, and its author. */
export interface Written {
  readonly eventId: string;
  /** The person who recorded it; the importer, if it was imported. */
  readonly by: string;
  /** The part of the record, as the shape of the event says. */
  readonly of: string;
  /** True if decisions rely on the part. */
  readonly isChange: boolean;
  /** True if it belongs to the issue: also what was imported, and the first body of a record. */
  readonly isOfIssue: boolean;
  readonly version: number;
  readonly recordedAt: string;
}

/** What people wrote. They do not decide on it. */
export interface AuthorFacts {
  readonly written: readonly Written[];
}

/** Returns the fold of what events with these shapes write. It must run before the fold of the body. */
export const authorFold =
  (shapes: Shapes): Fold<AuthorFacts & { readonly recipient?: string | null }> =>
  (facts, event) => {
    const { writes } = shapes[event.type] ?? {};
    const of = writes?.of(event.data, (id) => partOf(facts, id)) ?? null;
    if (writes === undefined || of === null) return facts;
    const { eventId, version, recordedAt, origin, actor, command } = event;
    const isOfIssue =
      origin === 'import' ||
      command?.name === ISSUE_COMMAND ||
      of === 'issue' ||
      (of === 'recipient' && facts.recipient === null);
    const { isChange } = writes;
    const by = personOf(actor.subject);
    if (of === 'issue' && hasWritten(facts, by, (each) => each.of === of)) return facts;
    const written = { eventId, by, of, isChange, isOfIssue, version, recordedAt };
    return { ...facts, written: [...facts.written, written] };
  };

/** Returns the part that an event wrote; its text, if it issued the record. */
function partOf({ written }: AuthorFacts, eventId: string): string | null {
  const of = written.find((each) => each.eventId === eventId)?.of ?? null;
  return of === 'issue' ? 'text' : of;
}

/** Returns whether a person wrote something. */
export const hasWritten = (
  { written = [] }: Partial<AuthorFacts>,
  subject: string,
  isIt: (each: Written) => boolean,
): boolean => written.some((each) => isSamePerson(each.by, subject) && isIt(each));
