import type { Envelope } from '../../event-sourcing/src/envelope.ts';
import type { DecidedEvent } from '../../lifecycle/src/decide.ts';
import type { HistoryEntry } from '../../register-format/src/compare-history.ts';
import { entriesByDate } from '../../register-format/src/entries.ts';
import type { RegisterEntry } from '../../register-format/src/entries.ts';
import { parseRegisterRecord } from '../../register-format/src/parse-register-record.ts';
import type { RegisterRecord } from '../../register-format/src/parse-register-record.ts';
import type { PrintableEntry } from '../../register-format/src/print-register-record.ts';
import { splitTitle } from '../../register-format/src/title.ts';
import { normaliseText, trimmed } from '../../register-format/src/white-space.ts';
import { findDeadlines } from '../../deadlines/src/find-deadlines.ts';
import { deadlineEvents } from './deadline-events.ts';
import { OPEN_STATUSES, STATUSES } from '../../../state-machines/inspection-recommendation/v1/machine.ts';
import type { Status } from '../../../state-machines/inspection-recommendation/v1/machine.ts';
import {
  isInternalComment,
  recordDetails,
} from '../../../state-machines/inspection-recommendation/v1/record.ts';

/** Stands where a text was erased. */
export const REDACTED = '[redacted]';

/** An entry of a record's history with the event that it stands in. */
export type RecordedEntry = HistoryEntry & { readonly version: number };

/** What a register record would say of a stream of events. */
export interface RecordedHistory {
  /** The bytes that were imported last and are still there; null where there are none. */
  readonly source: Uint8Array | null;
  readonly title: string | null;
  readonly reference: string | null;
  readonly text: string | null;
  /** In the order in which an export prints them; with a source, those that it holds and then the later ones. */
  readonly entries: readonly HistoryEntry[];
  /** Those of the entries that stand in events after the source. */
  readonly later: readonly RecordedEntry[];
}

const isStatus = (text: string): text is Status => (STATUSES as readonly string[]).includes(text);
const isOpen = (status: Status): boolean => (OPEN_STATUSES as readonly Status[]).includes(status);

/** The event that records a status which a register states after another one. */
export function statusEvent(before: Status, read: string): DecidedEvent & { readonly status: Status } {
  if (!isStatus(read)) return { type: 'UnknownStatusRecorded', data: { status: read }, status: before };
  const type = ((): string => {
    if (read === before) return `StatusRecorded.${read}`;
    if (!isOpen(before))
      return read === 'being-progressed' ? 'RecommendationReopened' : `StatusRecorded.${read}`;
    switch (read) {
      case 'being-progressed':
        return 'ProgressStarted';
      case 'awaiting-review':
        return 'ReturnedToReview';
      case 'complete':
        return 'RecommendationCompleted';
      case 'no-further-action-needed':
        return 'NoFurtherActionDecided';
    }
  })();
  return { type, data: {}, status: read };
}

/** The events that record entries, by date, after a status; dates that a file lacks are the day of the import. */
export function entryEvents(
  entries: readonly RegisterEntry[],
  before: Status,
  today: string,
): DecidedEvent[] {
  let status = before;
  return entriesByDate(entries).map((entry) => {
    const effectiveOn = entry.date ?? today;
    if (entry.kind === 'comment') {
      return { type: 'CommentAdded', data: { text: entry.text, visibility: 'public' }, effectiveOn };
    }
    const event = statusEvent(status, entry.status);
    status = event.status;
    return { type: event.type, data: event.data, effectiveOn };
  });
}

/** The events that record a whole register record: the issue, whose id is given, first, then what its text says is due. */
export function recordEvents(
  record: RegisterRecord,
  recipient: string | null,
  today: string,
  eventId: string,
): DecidedEvent[] {
  const entries = entriesByDate(record.entries);
  const firstStatus = entries.find(({ kind }) => kind === 'status');
  // Only the issue itself says that a record awaits review for the first time.
  const said =
    firstStatus?.kind === 'status' && firstStatus.status === 'awaiting-review' ? firstStatus : null;
  const issuedOn = entries[0]?.date ?? today;
  const { title, text, reference } = record;
  const found = findDeadlines(text, { publishedOn: entries[0]?.date ?? null });
  return [
    {
      type: 'RecommendationIssued',
      data: {
        title,
        text,
        recipient,
        report: null,
        reference,
        issue: null,
        statusOn: said && (said.date ?? today),
        statusAfter: said && entries.indexOf(said),
      },
      effectiveOn: issuedOn,
    },
    ...deadlineEvents({ given: [], responseDueOn: null, found, eventId }).map((event) => ({
      ...event,
      effectiveOn: issuedOn,
    })),
    ...entryEvents(
      entries.filter((entry) => entry !== said),
      'awaiting-review',
      today,
    ),
  ];
}

/** The entry that a register would print for an event; null for what it does not show. */
function entryOf(event: Envelope): RecordedEntry | null {
  const { type, effectiveOn: date, data, state, version } = event;
  switch (type) {
    case 'CommentAdded': {
      if (isInternalComment(event)) return null;
      const text = (data['text'] as string | undefined) ?? null;
      return { kind: 'comment', date, text, version };
    }
    case 'RecommendationIssued': {
      // An import says when the status was first stated, or that it never was.
      const on = data['statusOn'] === undefined ? date : (data['statusOn'] as string | null);
      return on === null ? null : { kind: 'status', date: on, status: 'awaiting-review', version };
    }
    case 'UnknownStatusRecorded': {
      const status = (data['status'] as string | undefined) ?? null;
      return { kind: 'status', date, status, version };
    }
    case 'ProgressStarted':
    case 'ReturnedToReview':
    case 'RecommendationCompleted':
    case 'NoFurtherActionDecided':
    case 'RecommendationReopened':
      return { kind: 'status', date, status: state?.['progress'] as string, version };
    default:
      return type.startsWith('StatusRecorded.')
        ? { kind: 'status', date, status: type.slice('StatusRecorded.'.length), version }
        : null;
  }
}

const entriesOf = (events: readonly Envelope[]): RecordedEntry[] =>
  events.map(entryOf).filter((entry) => entry !== null);

/** The entry as the register prints it, once its date is known. */
export function printable(entry: HistoryEntry): PrintableEntry {
  const date = entry.date as string;
  return entry.kind === 'status'
    ? { kind: 'status', date, status: entry.status ?? REDACTED }
    : { kind: 'comment', date, text: entry.text ?? REDACTED };
}

/** What an export of these events would print. */
export function recordedHistory(events: readonly Envelope[]): RecordedHistory {
  const imported = events.findLast(
    ({ type, data }) => type === 'RegisterRecordImported' && data['source'] !== undefined,
  );
  if (imported === undefined) return historyOfEvents(events);
  const bytes = Buffer.from(imported.data['source'] as string, 'base64');
  const { title, reference, text, entries } = parseRegisterRecord(bytes);
  const later = entriesOf(events.filter(({ version }) => version > imported.version));
  return { source: bytes, title, reference, text, entries: [...entries, ...later], later };
}

/** What the events say, whatever they were read from. */
export function historyOfEvents(events: readonly Envelope[]): RecordedHistory {
  const { title, reference, text } = recordDetails(events);
  return {
    source: null,
    // A title that ends in a reference is read as one, also where it was not imported.
    ...(title !== null && reference === null ? splitTitle(trimmed(title)) : { title, reference }),
    text: text && normaliseText(text),
    entries: inFileOrder(entriesOf(events), events[0]),
    later: [],
  };
}

/** The issue's own status goes back to its place among the imported entries, all others stay in stream order. */
function inFileOrder(entries: readonly RecordedEntry[], issue: Envelope | undefined): RecordedEntry[] {
  const place = (issue?.data['statusAfter'] as number | null | undefined) ?? 0;
  return [...entries.slice(1, place + 1), ...entries.slice(0, 1), ...entries.slice(place + 1)];
}
