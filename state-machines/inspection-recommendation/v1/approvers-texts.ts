import type { Actor } from '#event-sourcing/envelope';
import { events } from './events.ts';
import { personOf } from './persons.ts';
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
}

/** Whose texts an approver recorded or decided on, each set of persons once; an event that adds none gives back the same list. */
export function approversTextsAfter(facts: Known, event: RecordEvent): readonly ApproversText[] {
  if (event.origin !== 'command' || !isApprover(event.actor)) return facts.approversTexts;
  const { subject } = event.actor;
  const own = hasText(event) ? [[subject]] : [];
  if (own.length === 0 && decidedOf(event).length === 0) return facts.approversTexts;
  const askedBy = requesters(facts);
  const decided = decidedOf(event).map((eventId) => [askedBy.get(eventId) ?? subject, subject]);
  const known = new Set(facts.approversTexts.map(keyOf));
  const added = new Map(
    [...own, ...decided].map((subjects) => {
      const persons = [...new Set(subjects.map(personOf))].sort();
      return [keyOf(persons), persons] as const;
    }),
  );
  const fresh = [...added].filter(([key]) => !known.has(key)).map(([, persons]) => persons);
  return fresh.length === 0 ? facts.approversTexts : [...facts.approversTexts, ...fresh];
}

const keyOf = (persons: ApproversText): string => JSON.stringify(persons);

const isApprover = ({ roles }: Actor): boolean => roles.includes('approver');

/** Whether it holds anything that can be erased, or did. */
function hasText({ type, data, commitments }: RecordEvent): boolean {
  if (commitments !== undefined) return Object.keys(commitments).length > 0;
  return events[type].sensitive.some((pointer) => Object.hasOwn(data, pointer.split('/')[2] ?? ''));
}

const decidedOf = ({ data }: { readonly data: AnyData }): readonly string[] => data.decides ?? [];

/** Who asked for what waits for a decision; null where that was only imported. */
const requesters = ({ closure, submissions, extensions }: Known): ReadonlyMap<string, string | null> =>
  new Map(
    [...(closure === null ? [] : [closure]), ...submissions, ...extensions].map(
      ({ eventId, requester }) => [eventId, requester] as const,
    ),
  );
