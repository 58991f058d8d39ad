import type { Actor } from '#event-sourcing/envelope';
import { events } from './events.ts';
import { personOf } from '../../access.ts';
import type { Request } from './persons.ts';
import type { AnyData, RecordEvent } from './record-event.ts';

/** The persons who recorded or decided on a text that an approver recorded or decided on. */
export type ApproversText = readonly string[];

/** What it takes to know them: those known so far, and what waits for a decision. */
interface Known {
  readonly approversTexts: readonly ApproversText[];
  readonly closure: Request | null;
  readonly submissions: readonly Request[];
  readonly extensions: readonly Request[];
  readonly changes: readonly Request[];
}

/** Whose texts an approver recorded or decided on, each set of persons once; an event that adds none gives back the same list. */
export function approversTextsAfter(facts: Known, event: RecordEvent): readonly ApproversText[] {
  if (event.origin !== 'command' || !isApprover(event.actor)) return facts.approversTexts;
  const { subject } = event.actor;
  const decides = decidedOf(event);
  const added = hasText(event) ? [personsOf(subject)] : [];
  if (decides.length > 0) {
    const askedBy = requesters(facts);
    added.push(...decides.map((eventId) => personsOf(askedBy.get(eventId) ?? subject, subject)));
  }
  // One by one: those that are known are few, and of a long history's events nearly all add none.
  return added.reduce(
    (known, persons) => (known.some((each) => isSame(each, persons)) ? known : [...known, persons]),
    facts.approversTexts,
  );
}

const personsOf = (...subjects: readonly string[]): ApproversText =>
  [...new Set(subjects.map(personOf))].sort();

const isSame = (one: ApproversText, other: ApproversText): boolean =>
  one.length === other.length && one.every((person, index) => person === other[index]);

const isApprover = ({ roles }: Actor): boolean => roles.includes('approver');

/** Whether it holds anything that can be erased, or did. */
function hasText({ type, data, commitments }: RecordEvent): boolean {
  if (commitments !== undefined) return Object.keys(commitments).length > 0;
  return events[type].sensitive.some((pointer) => Object.hasOwn(data, pointer.split('/')[2] ?? ''));
}

const decidedOf = ({ data }: { readonly data: AnyData }): readonly string[] => data.decides ?? [];

/** Who asked for what waits for a decision; null where that was only imported. */
const requesters = ({
  closure,
  submissions,
  extensions,
  changes,
}: Known): ReadonlyMap<string, string | null> =>
  new Map(
    [...(closure === null ? [] : [closure]), ...submissions, ...extensions, ...changes].map(
      ({ eventId, requester }) => [eventId, requester] as const,
    ),
  );
