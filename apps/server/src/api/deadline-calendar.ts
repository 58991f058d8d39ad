import type { RecordReference } from '#lifecycle/kind';
import { onOneLine } from '#lifecycle/text-rules';
import ical, { ICalEventTransparency } from 'ical-generator';
import type { ListedDeadline } from '#read-models/deadlines/deadlines-query';
import type { Body } from '#state-machines/body-events';
import { kinds, kindInAnswer } from '#state-machines/record-streams';
import { longDate } from '../web/dates.ts';
import { recordPath } from '../web/page-paths.ts';
import { DEADLINE_WORDS, recordName, stateTitle } from '../web/words.ts';

interface CalendarOptions {
  /** The body by which the calendar is filtered; null for all bodies that the caller sees. */
  readonly recipient: string | null;
  /** Bodies by slug, with their names. */
  readonly bodies: ReadonlyMap<string, Body>;
  /** The base URL of the service's pages. */
  readonly pagesAt: string;
}

/** The interval at which programs should refresh; like the sweep's, unless set otherwise. */
const REFRESH_SECONDS = 3_600;

/**
 * Returns deadlines as an iCalendar object (RFC 5545) for subscriptions, each as an all-day event. An event's UID stays the same when its
 * date moves; SEQUENCE and LAST-MODIFIED follow the record's deadlines. The same deadlines on the same day yield the same text.
 */
export function calendarOf(
  items: readonly ListedDeadline[],
  { recipient, bodies, pagesAt }: CalendarOptions,
): string {
  const nameOf = (slug: string): string => bodies.get(slug)?.name ?? slug;
  const calendar = ical({
    name: recipient === null ? 'Docket deadlines' : `Docket deadlines: ${nameOf(recipient)}`,
    prodId: { company: 'Docket', product: 'Deadlines', language: 'EN' },
    ttl: REFRESH_SECONDS,
  });
  for (const item of items) {
    const { id, deadlineId, dueOn, kind, revision, changedAt } = item;
    const record = { kind: kinds.named(item.recordKind), id };
    const { kind: further } = kindInAnswer(record);
    const url = `${pagesAt}${recordPath(record)}`;
    calendar.createEvent({
      // A deadline's id contains no dot, so that no two records share a UID.
      id: `${id}.${deadlineId}${further === undefined ? '' : `.${further}`}@docket`,
      start: new Date(dueOn),
      allDay: true,
      // Without a METHOD, DTSTAMP and LAST-MODIFIED are both the time of the last revision (RFC 5545, 3.8.7.2).
      stamp: new Date(changedAt),
      lastModified: new Date(changedAt),
      sequence: revision,
      // A deadline does not block anyone's time.
      transparency: ICalEventTransparency.TRANSPARENT,
      summary: summaryOf(item, record),
      description: descriptionOf(item, nameOf, url),
      url,
      categories: [{ name: kind }],
    });
  }
  // The library leaves the last line's ending to its caller.
  return `${calendar.toString()}\r\n`;
}

/** Returns the record's label as on pages, with its title if available. */
function summaryOf({ title, kind }: ListedDeadline, record: RecordReference): string {
  const name = record.kind.isUnnamed ? record.id : recordName(record);
  const what = kind === 'action' ? name : `${name} (${kind})`;
  return title === null ? what : `${what}: ${onOneLine(title)}`;
}

const descriptionOf = (
  { state, status, recipient, dueOn, firstDueOn }: ListedDeadline,
  nameOf: (slug: string) => string,
  address: string,
): string =>
  [
    `Deadline: ${DEADLINE_WORDS[state]}`,
    `Status: ${stateTitle(status)}`,
    ...(recipient === null ? [] : [`Body: ${nameOf(recipient)}`]),
    ...(dueOn === firstDueOn ? [] : [`First due on ${longDate(firstDueOn)}`]),
    address,
  ].join('\n');
