import { withoutTexts } from '#event-sourcing/erasure';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { PLAIN_VIEW } from '../record-view.ts';
import type { ReadEvent } from '#lifecycle/lifecycles';
import type { RecordView, ShownRecord, ShownWait } from '../record-view.ts';
import { isComment, replacementsOf } from './comments.ts';
import { OWNER_EVENTS } from './owner.ts';
import type { OwnerFacts } from './owner.ts';
import { RECIPIENT_EVENTS } from './recipients.ts';
import type { RecipientFacts } from './recipients.ts';
import { erasing } from './redaction.ts';

type Shared = Partial<Pick<OwnerFacts, 'owner'> & Pick<RecipientFacts, 'recipient' | 'issue'>>;

const { closureOf, withTexts } = erasing();

/** The types of events that are shown in their own parts of a record, and not as its content. */
const ASIDE: ReadonlySet<string> = new Set([...OWNER_EVENTS, ...Object.keys(RECIPIENT_EVENTS)]);

const isOwn = (event: ReadEvent): boolean => !isComment(event) && !ASIDE.has(event.type);
const ownOf = (events: readonly ReadEvent[]): readonly ReadEvent[] => events.filter(isOwn);

/** Returns the events of the content, in which the current body replaces the original one. */
const contentEvents = (events: readonly ReadEvent[]): readonly ReadEvent[] =>
  events.flatMap((event) => {
    if (isOwn(event)) return [event];
    const { recipient = null } = event.data;
    return event.type in RECIPIENT_EVENTS ? [{ ...event, data: { recipient }, commitments: {} }] : [];
  });

/** The view of records with comments, redactions, an owner or a recipient, in any combination. */
export const sharedView: RecordView<Shared> = {
  ...PLAIN_VIEW,
  stateOn: ({ value }) => value,
  show: (head, { facts: { owner, recipient, issue } }: LifecycleState<Shared>, events) => ({
    ...head,
    ...PLAIN_VIEW.details(contentEvents(events)),
    ...(owner !== undefined && { owner }),
    ...(recipient !== undefined && { recipient }),
    ...(issue !== undefined && { issue }),
  }),
  details: (events) => PLAIN_VIEW.details(contentEvents(events)),
  detailEvents: (events) => PLAIN_VIEW.detailEvents(ownOf(events)),
  ownTexts: (event) => (isOwn(event) ? PLAIN_VIEW.ownTexts(event) : []),
  // The facts contain the owner's name.
  light: (stored) => withoutTexts(stored, stored.type === 'OwnerAssigned' ? ['/data/owner'] : []),
  textsErasedWith: ({ eventId, erased }, events) =>
    withTexts({ eventId, pointers: erased, reason: '' }, events),
  erasedWith: closureOf,
  replacements: replacementsOf,
};

/** Returns the view without the events that have their own part. */
function leavingOut<Facts>(base: RecordView<Facts>, events: object): RecordView<Facts> {
  const isAside = ({ type }: ReadEvent): boolean => Object.hasOwn(events, type);
  const others = (all: readonly ReadEvent[]) => all.filter((event) => !isAside(event));
  return {
    ...base,
    show: (head, state, all, day) => base.show(head, state, others(all), day),
    details: (all) => base.details(others(all)),
    detailEvents: (all) => base.detailEvents(others(all)),
    ownTexts: (event) => (isAside(event) ? [] : base.ownTexts(event)),
  };
}

/** Returns the view with other events and the pending requests. */
export function withPending<Facts>(
  base: RecordView,
  events: object,
  pending: (state: LifecycleState<Facts>) => object,
  waits: (record: ShownRecord) => readonly ShownWait[],
): RecordView<Facts> {
  const others = leavingOut(base, events);
  return {
    ...others,
    waits: (record) => [...(base.waits?.(record) ?? []), ...waits(record)],
    show(head, state, events, day) {
      const shown = others.show(head, state, events, day);
      return { ...shown, pending: { ...shown.pending, ...pending(state) } };
    },
  };
}
