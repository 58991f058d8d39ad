import { pathOf } from '#lifecycle/kind';
import { onOneLine } from '#lifecycle/text-rules';
import ical, { ICalEventTransparency } from 'ical-generator';
import type { DeadlineItem } from '#read-models/deadlines/deadlines-query';
import { kinds, kindTold } from '#state-machines/record-streams';

interface CalendarOptions {
  /** The body that it is asked for; null for all that the caller sees. */
  readonly recipient: string | null;
  /** The address of the service's pages. */
  readonly pagesAt: string;
}

/** How often a program is asked to look again: as often as deadlines are swept, unless it is set otherwise. */
const REFRESH_SECONDS = 3_600;

/**
 * Deadlines as an iCalendar object (RFC 5545) that a program can subscribe to: each an event of its whole day. An
 * event's UID stays the same when its date moves; SEQUENCE and LAST-MODIFIED follow the record's deadlines. The same
 * deadlines on the same day give the same text.
 */
export function calendarOf(items: readonly DeadlineItem[], { recipient, pagesAt }: CalendarOptions): string {
  const calendar = ical({
    name: recipient === null ? 'Docket deadlines' : `Docket deadlines: ${recipient}`,
    prodId: { company: 'Docket', product: 'Deadlines', language: 'EN' },
    ttl: REFRESH_SECONDS,
  });
  for (const item of items) {
    const { id, deadlineId, dueOn, kind, revision, changedAt } = item;
    const record = { kind: kinds.named(item.recordKind), id };
    const { kind: further } = kindTold(record);
    const url = `${pagesAt}${pathOf(record)}`;
    calendar.createEvent({
      // No deadline's id holds a dot, so that no two records share one.
      id: `${id}.${deadlineId}${further === undefined ? '' : `.${further}`}@docket`,
      start: new Date(dueOn),
      allDay: true,
      // Without a METHOD both say when it was last revised (RFC 5545, 3.8.7.2).
      stamp: new Date(changedAt),
      lastModified: new Date(changedAt),
      sequence: revision,
      // A deadline takes nobody's time.
      transparency: ICalEventTransparency.TRANSPARENT,
      summary: summaryOf(item),
      description: descriptionOf(item, url),
      url,
      categories: [{ name: kind }],
    });
  }
  // The last line ends as all do, which the library leaves to its caller.
  return `${calendar.toString()}\r\n`;
}

function summaryOf({ id, title, kind }: DeadlineItem): string {
  const what = kind === 'action' ? '' : ` (${kind})`;
  return title === null ? `${id}${what}` : `${id}${what}: ${onOneLine(title)}`;
}

function descriptionOf(
  { state, status, recipient, dueOn, firstDueOn }: DeadlineItem,
  address: string,
): string {
  return [
    `The deadline is ${state}; the record is ${status}.`,
    ...(recipient === null ? [] : [`For ${recipient}.`]),
    ...(dueOn === firstDueOn ? [] : [`It was first due on ${firstDueOn}.`]),
    address,
  ].join('\n');
}
